package oauth_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oura-go/sdk/oauth"
)

// A refresh whose answer could not be kept is not sent.
func TestNothingIsSentThatCannotBeSaved(t *testing.T) {
	t.Parallel()
	for name, left := range map[string]time.Duration{"expired": -time.Hour, "early": time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			s := newService()
			store := newRecorder(t, s.current(time.Now().Add(left)))
			store.reserveErr = errDisk
			ts := newSource(t, s, store)
			token, err := ts.Token()
			if valid := err == nil && token.AccessToken == accessToken(1); valid != (left > 0) || err != nil && !errors.Is(err, errDisk) {
				t.Errorf("%s: %v, %v, want the token that is valid, or the store's error", name, token, err)
			}
			if s.requests() != 0 || store.reserves != 1 {
				t.Errorf("%s: %d requests after %d tries to reserve, want none after one", name, s.requests(), store.reserves)
			}
			store.set(func(r *recorder) { r.reserveErr = nil })
			if token, err := ts.Token(); err != nil || token.AccessToken != accessToken(2) || s.requests() != 1 {
				t.Errorf("%s: %v, %v, want a new token once there is room", name, token, err)
			}
		})
	}
}

// A grant that was replaced before its refresh was sent is loaded again.
func TestReplacedBeforeARefresh(t *testing.T) {
	t.Parallel()
	for replaced, want := range map[int]int{1: 1, 3: 1, 9: 0} {
		s := newService()
		store := newRecorder(t, expiredGrant(s))
		store.replaced = replaced
		_, err := newSource(t, s, store).Token()
		if (err == nil) != (want == 1) || s.requests() != want || s.reused() != 0 {
			t.Errorf("replaced %d times: %v, %d requests, want %d", replaced, err, s.requests(), want)
		}
		if saved, ok := errors.AsType[*oauth.SaveError](err); ok {
			t.Errorf("%v, though nothing was sent", saved)
		}
	}
}
