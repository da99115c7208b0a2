package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

// slowly is a service and a store whose every step takes fake time, so that a
// moment in time is a place in the refresh: load, lock, load, request, save.
func slowly(t *testing.T) (*service, *recorder) {
	s := newService()
	store := newRecorder(t, expiredGrant(s))
	store.delay = 100 * time.Millisecond
	s.before = func(*http.Request) { time.Sleep(150 * time.Millisecond) }
	s.after = func(*http.Request) { time.Sleep(150 * time.Millisecond) }
	return s, store
}

const (
	sending = 300 * time.Millisecond // load, lock, load
	total   = 700 * time.Millisecond // and 300 of the request and 100 of the save
)

// A context that ends at any of 50 points of a refresh burns no grant: before the
// request nothing was sent, after it the answer is saved.
func TestContextEndsAtFiftyPoints(t *testing.T) {
	t.Parallel()
	for i := range 50 {
		point := total*time.Duration(i)/50 + time.Millisecond
		t.Run(fmt.Sprint(point), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, store := slowly(t)
				ts := newSource(t, s, store)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				time.AfterFunc(point, cancel)

				start := time.Now()
				token, err := ts.TokenContext(ctx)
				took := time.Since(start)
				if point < sending {
					if !errors.Is(err, context.Canceled) || s.requests() != 0 {
						t.Errorf("%v with %d requests, want the context's error and none", err, s.requests())
					}
					if took > point+store.delay {
						t.Errorf("it took %s to leave, asked at %s", took, point)
					}
				} else {
					if err != nil || token.AccessToken != accessToken(2) {
						t.Errorf("%v, want the token that was paid for", err)
					}
					if took != total {
						t.Errorf("it took %s, want %s", took, total)
					}
				}
				if got, want := load(t, store.MemoryStore).RefreshToken, s.live; got != want {
					t.Errorf("the store holds %s, the service %s", got, want)
				}
				token, err = ts.TokenContext(t.Context())
				if err != nil || token.AccessToken != accessToken(2) || s.requests() != 1 || s.reused() != 0 {
					t.Errorf("afterwards: %v, %d requests, %d reuses", err, s.requests(), s.reused())
				}
			})
		})
	}
}

// Those who wait for a request that is under way may leave at once.
func TestWaiterLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, store := slowly(t)
		ts := newSource(t, s, store)
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := ts.Token(); err != nil {
				t.Errorf("who refreshes: %v", err)
			}
		})
		synctest.Wait()
		leave := sending + 50*time.Millisecond
		ctx, cancel := context.WithTimeout(t.Context(), leave)
		defer cancel()
		start := time.Now()
		if _, err := ts.TokenContext(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != leave {
			t.Errorf("who leaves: %v after %s, want the context's error after %s", err, time.Since(start), leave)
		}
		wg.Wait()
	})
}

// Whoever leaves before the request leaves the work to those who stay.
func TestWaitersTakeOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, store := slowly(t)
		ts := newSource(t, s, store)
		leader, leave := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := ts.TokenContext(leader); !errors.Is(err, context.Canceled) {
				t.Errorf("who leaves: %v, want the context's error", err)
			}
		})
		synctest.Wait()
		for range 10 {
			wg.Go(func() {
				if token, err := ts.TokenContext(t.Context()); err != nil || token.AccessToken != accessToken(2) {
					t.Errorf("who stays: %v, want the new token", err)
				}
			})
		}
		time.AfterFunc(50*time.Millisecond, leave)
		wg.Wait()
		if s.requests() != 1 {
			t.Errorf("%d requests, want 1", s.requests())
		}
	})
}

// A rival's grant is refreshed for those who stay: that the context of who was
// refused has ended is no business of theirs.
func TestContextEndsBeforeTheRivalsGrantIsRefreshed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		store := oauth.NewMemoryStore()
		if err := store.Save(t.Context(), &oauth2.Token{AccessToken: "a", RefreshToken: "void", Expiry: time.Now().Add(-time.Hour)}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		s.before = func(*http.Request) {
			if s.requests() == 1 {
				time.Sleep(time.Second)
				if err := store.Save(context.WithoutCancel(ctx), expiredGrant(s)); err != nil {
					t.Error(err)
				}
				cancel()
			} else {
				time.Sleep(time.Second) // time to leave
			}
		}
		ts := newSource(t, s, plainStore{store})
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := ts.TokenContext(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("who leaves: %v, want the context's error", err)
			}
		})
		synctest.Wait()
		if token, err := ts.TokenContext(t.Context()); err != nil || token.AccessToken != accessToken(2) {
			t.Errorf("who stays: %v, want a token of the rival's grant", err)
		}
		wg.Wait()
		if s.requests() != 2 || s.reused() != 0 {
			t.Errorf("%d requests and %d reuses, want 2 and 0", s.requests(), s.reused())
		}
	})
}

func TestContextThatHasEnded(t *testing.T) {
	t.Parallel()
	s := newService()
	ts := newSource(t, s, newRecorder(t, expiredGrant(s)))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ts.TokenContext(ctx); !errors.Is(err, context.Canceled) || s.requests() != 0 {
		t.Errorf("%v, %d requests", err, s.requests())
	}
}

// The whole of request and save takes 30 s at the most.
func TestRefreshIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.before = func(r *http.Request) { <-r.Context().Done() }
		ts := newSource(t, s, newRecorder(t, expiredGrant(s)))
		start := time.Now()
		if _, err := ts.Token(); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want a timeout", err)
		}
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}
