package oura

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"unicode"

	"golang.org/x/oauth2"
)

// responder makes the response that says something.
type responder func(said string) *http.Response

// TestEchoes: the service, or whatever speaks in its place, says what it was sent, wherever a response has room for it.
func TestEchoes(t *testing.T) {
	t.Parallel()
	const (
		access  = "access/Tok+en<1234567"
		older   = "older-Access-7654321"
		refresh = "refresh~Tok/en-89"
		app     = "app-Secret-55+66"
		verify  = "verify-Token-77&8"
	)
	secrets := []string{access, older, refresh, app, verify}
	everything := func(form func(string) string) string {
		var all []string
		for _, s := range secrets {
			all = append(all, form(s))
		}
		return strings.Join(all, " ")
	}
	forms := map[string]func(string) string{
		"plain": func(s string) string { return s }, "capitals": strings.ToUpper, "quoted": quoted,
		"query": url.QueryEscape, "path": url.PathEscape,
	}
	type place struct {
		name   string
		answer responder
	}
	body := func(status int, format string) responder {
		return func(said string) *http.Response { return answer(status, fmt.Sprintf(format, quoted(said))) }
	}
	header := func(status int, name, format string) responder {
		return func(said string) *http.Response {
			resp := answer(status, `{"data":[]}`)
			resp.Header.Set(name, fmt.Sprintf(format, said))
			return resp
		}
	}
	places := []place{
		{"detail", body(400, `{"detail":"%s"}`)},
		{"message", body(500, `{"message":"%s"}`)},
		{"title", body(409, `{"title":"%s"}`)},
		{"bare text", func(said string) *http.Response { return answer(404, said) }},
		{"JSON string", body(403, `"%s"`)},
		{"long", func(said string) *http.Response { return answer(400, strings.Repeat("a ", 2040)+said) }},
		{"loc", body(422, `{"detail":[{"loc":["query","%s",1],"type":"t","msg":"m"}]}`)},
		{"type", body(422, `{"detail":[{"loc":["query"],"type":"%s","msg":"m"}]}`)},
		{"msg", body(422, `{"detail":[{"loc":["query"],"type":"t","msg":"%s"}]}`)},
		{"control characters", body(422, `{"detail":[{"loc":["\u0007\u001b[31m\u202e%s\n"],"type":"a\u0000b"}]}`)},
		{"scope of a detail", body(401, `{"detail":"Token is not authorized access %s scope."}`)},
		{"scope", header(403, "WWW-Authenticate", `Bearer error="insufficient_scope", scope="%s"`)},
		{"tier", header(429, "X-RateLimit-Tier", "%s")},
		{"tier of a success", header(200, "X-RateLimit-Tier", "%s")},
		{"retry after", header(429, "Retry-After", "%s")},
		{"trace id", header(500, "X-Trace-Id", "%s")},
		{"trace id of a success", header(200, "X-Trace-Id", "%s")},
		{"content type", header(406, "Content-Type", "%s")},
		{"content encoding", header(200, "Content-Encoding", "%s")},
		{"location", header(302, "Location", "https://elsewhere/%s")},
		{"broken location", header(302, "Location", "http://[%s")},
		{"key", body(200, `{"data":[{"x":{"%s":[]}}]}`)},
		{"key of a page", body(200, `{"%s":1,"data":{}}`)},
		{"list of subscriptions", body(200, `[{"id":"%[1]s","callback_url":"https://h/%[1]s","event_type":"update","data_type":"sleep"}]`)},
		{"proxy", func(string) *http.Response { return nil }},
	}
	for _, place := range places {
		for form, as := range forms {
			t.Run(place.name+" "+form, func(t *testing.T) {
				t.Parallel()
				said := everything(as)
				source := &rotated{first: older, second: access, refresh: refresh}
				respond := over(roundTripper(func(r *http.Request) (*http.Response, error) {
					if r.Header.Get("Authorization") == "Bearer "+older {
						return answer(401, `{"detail":"expired"}`), nil
					}
					if place.name == "proxy" {
						return nil, &url.Error{Op: "Get", URL: "https://h/" + said, Err: errors.New("the proxy says " + said)}
					}
					return place.answer(said), nil
				}))
				var logged bytes.Buffer
				var values []any
				c, err := NewClient(
					WithTokenSource(source), WithAppCredentials("app-id", app), respond, WithRetry(RetryPolicy{MaxAttempts: 1, MinDelay: 1, MaxDelay: 1}),
					WithLogger(slog.New(slog.NewJSONHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))),
					WithHook(func(_ context.Context, a Attempt) { values = append(values, a, a.RateLimit) }),
				)
				if err != nil {
					t.Fatal(err)
				}
				collect := func(err error) {
					if err == nil {
						return
					}
					values = append(values, err, errors.Unwrap(err))
					if e, ok := errors.AsType[*Error](err); ok {
						values = append(values, *e, e.Fields, e.RateLimit, e.Scope, e.TraceID, e.Detail)
						for _, f := range e.Fields {
							values = append(values, f.Loc, f.Type, f.Msg)
						}
					}
					if e, ok := errors.AsType[*SubscriptionConflictError](err); ok {
						values = append(values, e)
					}
					if e, ok := errors.AsType[*DocumentError](err); ok {
						values = append(values, e, *e, e.Err)
					}
				}
				ours := NewDocuments[map[string]map[string]int](c, "ours", nil)
				for page, err := range ours.Pages(t.Context()) {
					collect(err)
					for _, bad := range page.Errors {
						collect(bad)
					}
					values = append(values, page.Response, page.Response.TraceID, page.Response.RateLimit)
				}
				var info ResponseInfo
				_, err = ours.Get(t.Context(), "id", WithResponse(&info))
				collect(err)
				values = append(values, info, info.TraceID, info.RateLimit)
				wanted := SubscriptionRequest{CallbackURL: "https://h/ours", VerificationToken: verify, EventType: EventTypeUpdate, DataType: DataTypeSleep}
				_, err = c.Subscriptions.Create(t.Context(), wanted)
				collect(err)
				_, err = c.Subscriptions.Ensure(t.Context(), wanted)
				collect(err)
				_, err = c.Subscriptions.Prune(t.Context(), func(Subscription) bool { return true })
				collect(err)

				forms := map[string]string{"log": logged.String()}
				seen := map[string]bool{}
				for _, v := range values {
					if s, ok := v.(string); ok && seen[s] {
						continue
					} else if ok {
						seen[s] = true
					}
					for form, text := range everyForm(v) {
						forms[fmt.Sprintf("%T as %s", v, form)] += text + "\n"
						if !strings.HasPrefix(form, "%x") && len(text) > 8<<10 {
							t.Errorf("%T as %s has %d bytes", v, form, len(text))
						}
						if s, ok := v.(string); ok && strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
							t.Errorf("%q holds characters that cannot be printed", s)
						}
					}
				}
				for name, text := range forms {
					for i, secret := range secrets {
						if i == 4 && !strings.Contains(name, "Conflict") {
							continue // it is known to calls that send it
						}
						for _, variant := range []string{secret, as(secret), quoted(secret)} {
							if strings.Contains(text, variant) || strings.Contains(text, fmt.Sprintf("%x", variant)) {
								t.Errorf("%s prints %q: %.300s", name, secret, text)
							}
						}
					}
				}
			})
		}
	}
}

// rotated gives the first token until it is refused, and then the second.
type rotated struct {
	first, second, refresh string

	refused atomic.Bool
}

func (r *rotated) Token() (*oauth2.Token, error) {
	if r.refused.Load() {
		return &oauth2.Token{AccessToken: r.second, RefreshToken: r.refresh}, nil
	}
	return &oauth2.Token{AccessToken: r.first}, nil
}

func (r *rotated) Refresh(context.Context, *oauth2.Token) (*oauth2.Token, error) {
	r.refused.Store(true)
	return r.Token()
}

func quoted(s string) string {
	b, _ := json.Marshal(s)
	return strings.Trim(string(b), `"`)
}
