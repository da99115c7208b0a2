package webhook_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/oura-go/sdk/webhook"
)

// The table of forgeries over a real connection, and between them good deliveries,
// which none of them may disturb.
func TestForgedDeliveriesOverHTTP(t *testing.T) {
	t.Parallel()
	handled := 0
	server := httptest.NewServer(&webhook.Handler{
		ClientSecret: secret, VerificationToken: token, Now: now, Logger: silent,
		Duplicates: webhook.NewDuplicates(10, time.Hour), // as a replay of a good one must not be handled again
		Handle:     func(context.Context, webhook.Event) error { handled++; return nil },
	})
	defer server.Close()
	send := func(header http.Header, body string) (status int, text string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if header != nil {
			r.Header = header
		}
		resp, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		answer, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(answer) + strings.Join(flatten(resp.Header), "\n")
	}
	for name, f := range forgeries() {
		status, text := send(f.header, f.body)
		if status != f.status {
			t.Errorf("%s: status %d, want %d", name, status, f.status)
		}
		if holdsSecret(text, f.header.Get(webhook.TimestampHeader), f.body) {
			t.Errorf("%s: the answer gives a secret away: %q", name, text)
		}
		if status, _ := send(headers(timestamp, signature), body); status != http.StatusOK {
			t.Errorf("a good delivery after it: status %d", status)
		}
	}
	if handled != 1 {
		t.Errorf("%d events were handled, want the good one, once", handled)
	}
}
