package oura

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/internal/transport"
)

// FuzzClassify: whatever an answer holds, there is one meaning, one line of
// text, and nothing in it that must not be printed.
//
//	go test -run '^$' -fuzz FuzzClassify -fuzztime 60s -fuzzminimizetime 10x ./oura
func FuzzClassify(f *testing.F) {
	for _, body := range []string{
		"", "null", `""`, `{}`, `[]`, `{"data":[]}`, "<html>", "plain text", `{"detail":"Document not found."}`,
		`{"detail":"Token is not authorized access spo2 scope."}`, `{"detail":[{"type":"t","loc":["query",0,1.5,null,{}],"msg":"m"}]}`,
		`{"detail":{"detail":"x"}}`, `{"detail":[[]]}`, `"\ud800"`, "\xff\xfe", "{\"detail\":\"a\\nb\\u0000\"}", `{"error":"e","error_description":"d"}`,
	} {
		for _, status := range []int{200, 301, 401, 403, 422, 429, 500, 503} {
			f.Add(status, body, "X-Trace-Id", "t", uint8(status))
		}
	}
	f.Add(403, "", "WWW-Authenticate", `Bearer error="insufficient_scope", scope="`, uint8(0))
	f.Fuzz(func(t *testing.T, status int, body, header, value string, pick uint8) {
		if status < 200 || status > 599 {
			return
		}
		paths := []string{"/v2/usercollection/sleep/id", "/v2/webhook/subscription/id", "/v2/webhook/subscription", "/x"}
		u, err := url.Parse(defaultOrigin + paths[int(pick)%len(paths)] + "?q=query-value-8")
		if err != nil {
			t.Fatal(err)
		}
		req := (&http.Request{Method: http.MethodGet, URL: u, Header: http.Header{"Authorization": {"Bearer " + testToken}}}).WithContext(t.Context())
		req.Pattern = patternOf(u)
		resp := &http.Response{StatusCode: status, Header: http.Header{}, Request: req}
		resp.Header.Set(header, value)
		a := &transport.Attempt{
			Number: 1, Stage: transport.Answered, Request: req, Response: resp,
			Auth: &authorization{req: req, used: &oauth2.Token{AccessToken: testToken}},
			Body: []byte(body)[:min(len(body), transport.MaxErrorBody)],
		}
		if pick&16 != 0 {
			a.Err = []error{io.ErrUnexpectedEOF, transport.ErrTooLarge, fmt.Errorf("odd %s", value)}[int(pick)%3]
		}
		action, err := classify(a)
		if err == nil {
			if status/100 != 2 || a.Err != nil {
				t.Fatalf("status %d with %v is a success", status, a.Err)
			}
			return
		}
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("%T is no *Error", err)
		}
		matches := 0
		for _, s := range sentinels {
			if errors.Is(err, s) {
				matches++
			}
		}
		if matches != 1 {
			t.Fatalf("%d sentinels match %v", matches, err)
		}
		if action == transport.Throttle != (status == 429) || action == transport.Reauthorize && status != 401 {
			t.Fatalf("action %v for status %d", action, status)
		}
		if e.StatusCode != status || len(e.Body) > 64<<10 {
			t.Fatalf("status %d, %d bytes of body", e.StatusCode, len(e.Body))
		}
		text := e.Error()
		if len(text) > 8<<10 || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			t.Fatalf("not one line of sound text: %q", text)
		}
		if strings.Contains(text, testToken) || strings.Contains(text, "query-value-8") {
			t.Fatalf("prints a secret: %s", text)
		}
		if js, err := json.Marshal(e); err != nil || !json.Valid(js) {
			t.Fatalf("JSON: %v, %s", err, js)
		}
	})
}
