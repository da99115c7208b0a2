package webhook_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/oura-go/sdk/webhook"
)

// forgeries are deliveries that must not get through. They are sent at the
// time of now to a handler with the secret.
func forgeries() map[string]forgery {
	other := strings.Replace(body, "update", "delete", 1)
	huge := `{"x":"` + strings.Repeat("x", 1<<20) + `"}`
	at := func(age time.Duration) string { return strconv.FormatInt(now().Add(-age).UnixMilli(), 10) }
	over := func(timestamp, message string) http.Header { // a MAC over something else
		return headers(timestamp, webhook.Sign(secret, "", []byte(message)))
	}
	with := func(name string, values ...string) http.Header {
		h := headers(timestamp, signature)
		h[name] = values
		return h
	}
	const invalid, malformed = http.StatusUnauthorized, http.StatusBadRequest
	return map[string]forgery{
		// What is signed is not what was sent.
		"MAC of the body only":           {over(timestamp, body), body, invalid},
		"MAC of body and timestamp":      {over(timestamp, body+timestamp), body, invalid},
		"MAC with a separator":           {over(timestamp, timestamp+"."+body), body, invalid},
		"MAC under another secret":       {headers(timestamp, webhook.Sign("other", timestamp, []byte(body))), body, invalid},
		"MAC under an empty secret":      {headers(timestamp, webhook.Sign("", timestamp, []byte(body))), body, invalid},
		"MAC under the token":            {headers(timestamp, webhook.Sign(token, timestamp, []byte(body))), body, invalid},
		"MAC of seconds, sent as millis": {headers(timestamp, webhook.Sign(secret, timestamp[:10], []byte(body))), body, invalid},
		"changed body":                   {headers(timestamp, signature), other, invalid},
		"added space":                    {headers(timestamp, signature), body + " ", invalid},
		"cut body":                       {headers(timestamp, signature), body[:len(body)-1], invalid},
		"changed timestamp":              {headers(at(0), signature), body, invalid},
		"timestamp with leading zero":    {headers("0"+timestamp, signature), body, invalid},
		"digits moved into the body":     {headers(timestamp[:10], signature), timestamp[10:] + body, invalid},
		"one digit in the body":          {headers(timestamp[:12], signature), timestamp[12:] + body, invalid},
		"all digits in the body":         {headers("", signature), timestamp + body, invalid},

		// Headers.
		"no headers":              {nil, body, invalid},
		"no signature":            {http.Header{webhook.TimestampHeader: {timestamp}}, body, invalid},
		"no timestamp":            {http.Header{webhook.SignatureHeader: {signature}}, body, invalid},
		"MAC without timestamp":   {headers("", webhook.Sign(secret, "", []byte(body))), body, invalid},
		"empty signature":         {headers(timestamp, ""), body, invalid},
		"doubled signature":       {with(webhook.SignatureHeader, signature, signature), body, invalid},
		"doubled timestamp":       {with(webhook.TimestampHeader, timestamp, timestamp), body, invalid},
		"right one after a wrong": {with(webhook.SignatureHeader, strings.Repeat("0", 64), signature), body, invalid},
		"joined signatures":       {with(webhook.SignatureHeader, signature+", "+signature), body, invalid},
		"truncated hex":           {headers(timestamp, signature[:32]), body, invalid},
		"odd hex":                 {headers(timestamp, signature[:63]), body, invalid},
		"too much hex":            {headers(timestamp, signature+"00"), body, invalid},
		"not hex":                 {headers(timestamp, strings.Repeat("Z", 64)), body, invalid},
		"base64":                  {headers(timestamp, "yct+uI3ULO4RsZv6j6S8PvhwZRMWYU0e+zB7l8/HEn4="), body, invalid},
		"prefixed":                {headers(timestamp, "sha256="+signature), body, invalid},
		"zeros":                   {headers(timestamp, strings.Repeat("0", 64)), body, invalid},

		// Signed timestamps that cannot be read, or are of another time.
		"timestamp with sign":     {signed("+"+timestamp, body), body, invalid},
		"timestamp with fraction": {signed(timestamp[:10]+".123", body), body, invalid},
		"timestamp with space":    {signed(" "+timestamp, body), body, invalid},
		"timestamp in hex":        {signed("0x18e26b6a0", body), body, invalid},
		"timestamp as text":       {signed("2024-03-10T05:12:45Z", body), body, invalid},
		"overflowing timestamp":   {signed("99999999999999999999", body), body, invalid},
		"negative timestamp":      {signed("-"+timestamp, body), body, invalid},
		"stale":                   {signed(at(2*time.Hour+time.Second), body), body, invalid},
		"replay of a year ago":    {signed(at(366*24*time.Hour), body), body, invalid},
		"future":                  {signed(at(-6*time.Minute), body), body, invalid},
		"microseconds":            {signed(timestamp+"000", body), body, invalid},

		// Signed bodies that are no events.
		"empty body":          {signed(timestamp, ""), "", malformed},
		"not JSON":            {signed(timestamp, "hello"), "hello", malformed},
		"cut JSON":            {signed(timestamp, body[:40]), body[:40], malformed},
		"array":               {signed(timestamp, "["+body+"]"), "[" + body + "]", malformed},
		"null":                {signed(timestamp, "null"), "null", malformed},
		"number":              {signed(timestamp, "12"), "12", invalid},
		"form":                {signed(timestamp, "event_type=update"), "event_type=update", malformed},
		"space before":        {signed(timestamp, " "+body), " " + body, malformed},
		"byte order mark":     {signed(timestamp, "\ufeff"+body), "\ufeff" + body, malformed},
		"no fields":           {signed(timestamp, "{}"), "{}", malformed},
		"numbers for types":   {signed(timestamp, `{"event_type":1,"data_type":2}`), `{"event_type":1,"data_type":2}`, malformed},
		"two events":          {signed(timestamp, body+body), body + body, malformed},
		"huge":                {signed(timestamp, huge), huge, http.StatusRequestEntityTooLarge},
		"huge and not signed": {headers(timestamp, signature), huge, http.StatusRequestEntityTooLarge},
	}
}

type forgery struct {
	header http.Header
	body   string
	status int
}

func TestForgedDeliveries(t *testing.T) {
	t.Parallel()
	for name, f := range forgeries() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log logs
			h := &webhook.Handler{
				ClientSecret: secret, VerificationToken: token, Now: now, Logger: log.logger(),
				Handle: func(context.Context, webhook.Event) error {
					t.Error("it reached the handler")
					return webhook.ErrUnsubscribe
				},
			}
			w := serve(h, post(f.header, f.body))
			if w.Code != f.status {
				t.Errorf("status %d, want %d; log: %s", w.Code, f.status, log.String())
			}
			sent := f.header.Get(webhook.TimestampHeader)
			if out := w.Body.String(); out != http.StatusText(f.status)+"\n" || holdsSecret(out, sent, f.body) {
				t.Errorf("answer %q, want the status and nothing else", out)
			}
			if holdsSecret(strings.Join(flatten(w.Header()), "\n"), sent, f.body) {
				t.Errorf("headers %v give a secret away", w.Header())
			}
			if out := log.String(); !strings.Contains(out, "request refused") || holdsSecret(out, sent, f.body) {
				t.Errorf("logged %q, want the reason and no secret", out)
			}
		})
	}
	if n := len(forgeries()); n < 25 {
		t.Errorf("the table has %d rows", n)
	}
}

func flatten(header http.Header) (values []string) {
	for name, v := range header {
		values = append(append(values, name), v...)
	}
	return values
}

// The same table against handlers that have no secret: whoever can compute the
// MAC under the empty key must not get in either.
func TestEmptySecretRefusesEverything(t *testing.T) {
	t.Parallel()
	h := &webhook.Handler{Now: now, Logger: silent, Handle: func(context.Context, webhook.Event) error {
		t.Error("it reached the handler")
		return nil
	}}
	table := forgeries()
	table["the right secret"] = forgery{header: headers(timestamp, signature), body: body}
	for name, f := range table {
		if w := serve(h, post(f.header, f.body)); w.Code < 400 || w.Code == http.StatusGone {
			t.Errorf("%s: status %d", name, w.Code)
		}
	}
}

func TestOtherMethods(t *testing.T) {
	t.Parallel()
	h := &webhook.Handler{ClientSecret: secret, VerificationToken: token, Now: now, Logger: silent}
	for _, method := range []string{http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodConnect, "post", ""} {
		r := post(headers(timestamp, signature), body)
		r.Method = method
		w := serve(h, r)
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, POST" {
			t.Errorf("%s: %d, Allow %q", method, w.Code, w.Header().Get("Allow"))
		}
	}
}

func TestUnreadableBody(t *testing.T) {
	t.Parallel()
	h := &webhook.Handler{ClientSecret: secret, Now: now, Logger: silent}
	r := post(headers(timestamp, signature), "")
	r.Body = io.NopCloser(io.MultiReader(strings.NewReader(body), iotest.ErrReader(errors.New("connection reset"))))
	if w := serve(h, r); w.Code != http.StatusBadRequest {
		t.Errorf("a body whose end did not come: %d, want 400", w.Code)
	}
	r = post(headers(timestamp, signature), "")
	r.Body = nil
	if w := serve(h, r); w.Code != http.StatusUnauthorized {
		t.Errorf("no body: %d, want 401", w.Code)
	}
}

// A body without headers must not be read: it would cost the receiver, not the
// sender.
func TestBodyIsNotReadWithoutHeaders(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/oura", iotest.ErrReader(errors.New("read")))
	var log logs
	w := serve(&webhook.Handler{ClientSecret: secret, Logger: log.logger()}, r)
	if w.Code != http.StatusUnauthorized || strings.Contains(log.String(), "read body") {
		t.Errorf("status %d, log %s", w.Code, log.String())
	}
}

func TestMaxBodyBytes(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int64]int{
		int64(len(body)): http.StatusOK, int64(len(body)) - 1: http.StatusRequestEntityTooLarge, 0: http.StatusOK, -1: http.StatusOK,
	} {
		h := &webhook.Handler{
			ClientSecret: secret, Now: now, MaxBodyBytes: limit, Logger: silent,
			Handle: func(context.Context, webhook.Event) error { return nil },
		}
		if w := serve(h, post(headers(timestamp, signature), body)); w.Code != want {
			t.Errorf("limit %d: status %d, want %d", limit, w.Code, want)
		}
	}
}
