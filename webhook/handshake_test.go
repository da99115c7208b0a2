package webhook_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/oura-go/sdk/webhook"
)

func handshake(h *webhook.Handler, query string) *httptest.ResponseRecorder {
	return serve(h, httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/oura?"+query, nil))
}

func TestHandshakeAnswers(t *testing.T) {
	t.Parallel()
	h := &webhook.Handler{ClientSecret: secret, VerificationToken: token, Logger: silent}
	for _, challenge := range []string{
		"6f1d", "with space+plus", `"quotes"\`, "</script><script>alert(1)</script>", "line\nbreak\u2028", "\x00", "ä☺", strings.Repeat("c", 1024),
	} {
		w := handshake(h, url.Values{"verification_token": {token}, "challenge": {challenge}, "other": {"1"}}.Encode())
		var got map[string]string
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK || len(got) != 1 || got["challenge"] != challenge {
			t.Errorf("challenge %q: %d %q (%v)", challenge, w.Code, w.Body, err)
		}
		if strings.Contains(w.Body.String(), "<script") {
			t.Errorf("markup is reflected: %q", w.Body)
		}
		for name, want := range map[string]string{
			"Content-Type": "application/json", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s = %q, want %q", name, got, want)
			}
		}
	}
	if w := handshake(h, "verification_token="+token+"&challenge=abc"); w.Body.String() != `{"challenge":"abc"}` {
		t.Errorf("answer %q, want the challenge as JSON and nothing else", w.Body)
	}
}

func TestHandshakeRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		token, query string
		status       int
	}{
		"no token configured":         {"", "verification_token=&challenge=echo-me", http.StatusForbidden},
		"no token configured, none":   {"", "challenge=echo-me", http.StatusForbidden},
		"no client secret configured": {token, "verification_token=" + token + "&challenge=echo-me", http.StatusForbidden},
		"wrong token":                 {token, "verification_token=wrong&challenge=echo-me", http.StatusForbidden},
		"beginning of the token":      {token, "verification_token=" + token[:5] + "&challenge=echo-me", http.StatusForbidden},
		"more than the token":         {token, "verification_token=" + token + "x&challenge=echo-me", http.StatusForbidden},
		"no token":                    {token, "challenge=echo-me", http.StatusForbidden},
		"two tokens":                  {token, "verification_token=" + token + "&verification_token=" + token + "&challenge=echo-me", http.StatusForbidden},
		"no query":                    {token, "", http.StatusForbidden},
		"bad escape":                  {token, "verification_token=" + token + "&challenge=echo-me&x=%zz", http.StatusBadRequest},
		"no challenge":                {token, "verification_token=" + token, http.StatusBadRequest},
		"empty challenge":             {token, "verification_token=" + token + "&challenge=", http.StatusBadRequest},
		"two challenges":              {token, "verification_token=" + token + "&challenge=echo-me&challenge=b", http.StatusBadRequest},
		"long challenge":              {token, "verification_token=" + token + "&challenge=echo-me" + strings.Repeat("c", 1024), http.StatusBadRequest},
		"not UTF-8":                   {token, "verification_token=" + token + "&challenge=echo-me%ff", http.StatusBadRequest},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log logs
			client := secret
			if name == "no client secret configured" {
				client = ""
			}
			w := handshake(&webhook.Handler{VerificationToken: tt.token, ClientSecret: client, Logger: log.logger()}, tt.query)
			if w.Code != tt.status {
				t.Errorf("status %d, want %d", w.Code, tt.status)
			}
			if out := w.Body.String(); strings.Contains(out, "echo-me") || holdsSecret(out, "", "") {
				t.Errorf("the answer repeats the request: %q", out)
			}
			if out := log.String(); !strings.Contains(out, "handshake refused") || strings.Contains(out, "echo-me") || holdsSecret(out, "", "") {
				t.Errorf("logged %q, want the reason and no token", out)
			}
		})
	}
}
