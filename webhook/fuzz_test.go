package webhook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/oura-go/sdk/webhook"
)

// FuzzHandler sends requests of any kind. Whatever they are, a 2xx needs the
// token or a right signature, 410 is never answered, and no answer holds a
// secret. With sign, the body is signed, so that what lies behind the
// verification is reached too.
func FuzzHandler(f *testing.F) {
	f.Add(http.MethodPost, "", timestamp, signature, body, false)
	f.Add(http.MethodPost, "", timestamp[:10], "", `{"event_type":"create.tag"}`, true)
	f.Add(http.MethodGet, "verification_token="+token+"&challenge=abc", "", "", "", false)
	f.Add(http.MethodGet, "verification_token=&challenge=abc", "", "", "", false)
	f.Add(http.MethodHead, "%zz", "-1", "zz", "[]", true)
	for _, forged := range forgeries() {
		f.Add(http.MethodPost, "", forged.header.Get(webhook.TimestampHeader), forged.header.Get(webhook.SignatureHeader), forged.body[:min(len(forged.body), 300)], false)
	}
	f.Fuzz(func(t *testing.T, method, query, sentAt, sentMAC, sent string, sign bool) {
		if sign {
			sentMAC = webhook.Sign(secret, sentAt, []byte(sent))
		}
		r := post(headers(sentAt, sentMAC), sent)
		r.Method, r.URL.RawQuery = method, query
		handled := 0
		h := &webhook.Handler{
			ClientSecret: secret, VerificationToken: token, Now: now, Logger: silent,
			Handle: func(context.Context, webhook.Event) error { handled++; return nil },
		}
		w := serve(h, r)

		// Not Sign: the code under test has no say in what is right.
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(sentAt + sent))
		expected := hex.EncodeToString(mac.Sum(nil))
		proven := method == http.MethodPost && strings.EqualFold(sentMAC, expected) && strings.HasPrefix(sent, "{")
		asked, _ := url.ParseQuery(query)
		invited := method == http.MethodGet && slices.Equal(asked["verification_token"], []string{token})

		switch ok := w.Code < 300; {
		case ok && !proven && !invited:
			t.Errorf("%s with a wrong signature or token: %d", method, w.Code)
		case handled > 1, handled == 1 && !proven, method == http.MethodPost && ok != (handled == 1):
			t.Errorf("%s: %d, handled %d times", method, w.Code, handled)
		case w.Code == http.StatusGone || w.Code < 200 || w.Code >= 500:
			t.Errorf("%s: %d", method, w.Code)
		}
		// Of a handshake that knows the token, the challenge may be anything.
		if out := w.Body.String(); !invited && (strings.Contains(out, secret) || strings.Contains(out, token) || strings.Contains(strings.ToLower(out), expected)) {
			t.Errorf("the answer gives a secret away: %q", out)
		}
	})
}

// FuzzParseEvent: a body is refused as malformed, or gives an event that can be
// stored and is the same event afterwards.
func FuzzParseEvent(f *testing.F) {
	f.Add([]byte(body))
	f.Add([]byte(`{"event_type":"create.daily_sleep","object_id":null,"event_time":1710047565123}`))
	f.Add([]byte(`{"event_type":"a.b.c","data_type":"b.c","event_time":"2024-03-11T05:12:45,5+24:00"}`))
	f.Add([]byte(`{"event_type":"a","data_type":"b","event_time":"0000-01-01T00:00:00+23:59"}`))
	f.Add([]byte(`[{"event_type":1}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		ev, err := webhook.ParseEvent(data)
		if err != nil {
			if !errors.Is(err, webhook.ErrMalformed) || ev != (webhook.Event{}) {
				t.Fatalf("%v, %+v", err, ev)
			}
			return
		}
		if ev.Type == "" || ev.DataType == "" {
			t.Fatalf("%+v does not say what happened", ev)
		}
		stored, err := json.Marshal(ev)
		if err != nil {
			t.Fatalf("%+v cannot be stored: %v", ev, err)
		}
		again, err := webhook.ParseEvent(stored)
		if err != nil || again.Key() != ev.Key() {
			t.Fatalf("%+v came back as %+v, %v", ev, again, err)
		}
	})
}
