package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/oura-go/sdk/webhook"
)

// TestLogsAreBounded: whatever a stranger, or the service itself, puts where the log quotes it, a record stays one short
// line and holds no secret.
func TestLogsAreBounded(t *testing.T) {
	t.Parallel()
	const endless = 300 << 10
	long := "a\n\x1b[31m" + strings.Repeat("A", endless)
	quoted, err := json.Marshal(long)
	if err != nil {
		t.Fatal(err)
	}
	requests := map[string]*http.Request{}
	for _, name := range []string{"event_type", "data_type", "object_id", "user_id", "event_time"} {
		var fields map[string]any
		if err := json.Unmarshal([]byte(body), &fields); err != nil {
			t.Fatal(err)
		}
		fields[name] = json.RawMessage(quoted)
		b, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		requests[name] = fresh(string(b))
	}
	for _, name := range []string{webhook.TimestampHeader, webhook.SignatureHeader, "Content-Type", "User-Agent"} {
		requests[name] = fresh(body)
		requests[name].Header.Set(name, strings.Repeat("A", endless)+secret+token)
	}
	requests["handshake"] = httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/oura?challenge=c&verification_token="+secret+strings.Repeat("A", endless), nil)
	for name, r := range requests {
		var logged bytes.Buffer
		h := &webhook.Handler{
			ClientSecret: secret, VerificationToken: token, Logger: slog.New(slog.NewJSONHandler(&logged, nil)),
			Handle: func(context.Context, webhook.Event) error { return errors.New("busy") },
		}
		h.ServeHTTP(httptest.NewRecorder(), r)
		if text := logged.String(); len(text) > 2<<10 || strings.Contains(text, secret) || strings.Contains(text, token) {
			t.Errorf("%s: a record of %d bytes: %.300s", name, len(text), text)
		}
	}
}
