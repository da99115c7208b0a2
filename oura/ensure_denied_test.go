package oura_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/oura"
)

// denying refuses what the service is asked about the subscription sub-1, as it does for an id that it does not have.
func denying(status int, what ...string) func(int, *http.Request) fault {
	return func(_ int, r *http.Request) fault {
		if slices.Contains(what, r.Method+" "+strings.TrimPrefix(r.URL.Path, subscriptionsPath)) {
			return fault{status: status, body: `{"detail":"Forbidden"}`}
		}
		return fault{}
	}
}

// TestEnsureReplacesWhatIsListedButDenied: the list has a subscription of ours that ends soon, and its renewal says that
// there is none.
func TestEnsureReplacesWhatIsListedButDenied(t *testing.T) {
	t.Parallel()
	const renewal, deletion = "PUT /renew/sub-1", "DELETE /sub-1"
	for _, tt := range []struct {
		name     string
		denied   []string
		callback string
		stale    bool // only the list has it
		healed   int  // the request from which on nothing is denied
		told     string
		err      error
		stands   []string
		requests []string
	}{
		{
			name: "it stands in the way", denied: []string{renewal}, callback: callback,
			told: "created", stands: []string{"update sleep " + callback},
			requests: []string{"GET ", renewal, "GET ", "POST ", renewal, deletion, "POST "},
		},
		{
			name: "only the list has it", denied: []string{renewal, deletion}, callback: callback, stale: true,
			told: "created", stands: []string{"update sleep " + callback, "update sleep " + callback},
			requests: []string{"GET ", renewal, "GET ", "POST "},
		},
		{
			name: "it was denied in passing", denied: []string{renewal}, callback: callback, healed: 5,
			told: "renewed", stands: []string{"update sleep " + callback},
			requests: []string{"GET ", renewal, "GET ", "POST ", renewal},
		},
		{
			name: "nothing helps", denied: []string{renewal, deletion}, callback: callback,
			err: oura.ErrInvalidRequest, stands: []string{"update sleep " + callback},
			requests: []string{"GET ", renewal, "GET ", "POST ", renewal, deletion, "POST ", "GET "},
		},
		{
			name: "another's is never deleted", denied: []string{renewal}, callback: elsewhere,
			told: "foreign", err: oura.ErrInvalidRequest, stands: []string{"update sleep " + elsewhere},
			requests: []string{"GET "},
		},
	} {
		for _, status := range []int{http.StatusForbidden, http.StatusNotFound} {
			t.Run(tt.name+" "+http.StatusText(status), func(t *testing.T) {
				t.Parallel()
				s := &subscriptionService{}
				s.has("sleep", tt.callback, soon)
				deny := denying(status, tt.denied...)
				s.fault = func(n int, r *http.Request) fault {
					if tt.stale && r.Method == http.MethodPost {
						s.mu.Lock()
						defer s.mu.Unlock()
						made := s.add(callback, string(oura.EventTypeUpdate), "sleep", long)
						return fault{status: http.StatusCreated, body: jsonOf(made)}
					}
					if tt.healed != 0 && n >= tt.healed {
						return fault{}
					}
					return deny(n, r)
				}
				report, err := s.app(t, oura.WithRetry(oura.NoRetry)).Subscriptions.Ensure(t.Context(), wanted("sleep"))
				if !errors.Is(err, tt.err) || (err == nil) != (tt.err == nil) {
					t.Errorf("got error %v, want %v", err, tt.err)
				}
				if got := told(report)["sleep"]; got != tt.told {
					t.Errorf("told %q, want %q", got, tt.told)
				}
				if diff := cmp.Diff(tt.stands, s.stands()); diff != "" {
					t.Errorf("stands (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(tt.requests, s.asked()); diff != "" {
					t.Errorf("requests (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// TestKeepAliveReplacesOnce: after a run that replaced it, the following runs find nothing to do.
func TestKeepAliveReplacesOnce(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusForbidden, http.StatusNotFound} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 48*time.Hour)
			defer cancel()
			s := &subscriptionService{fault: denying(status, "PUT /renew/sub-1")}
			s.has(oura.DataTypeSleep, callback, soon)
			if err := s.app(t).Subscriptions.KeepAlive(ctx, wanted(oura.DataTypeSleep)); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			changes := slices.DeleteFunc(s.asked(), func(r string) bool { return r == "GET " })
			want := []string{"PUT /renew/sub-1", "POST ", "PUT /renew/sub-1", "DELETE /sub-1", "POST "}
			if diff := cmp.Diff(want, changes); diff != "" {
				t.Errorf("%d: changes in 48 hours (-want +got):\n%s", status, diff)
			}
		})
	}
}
