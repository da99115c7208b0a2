package oauth_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

// slept is t as a machine reads it that slept for d since: the wall clock went on, the monotonic one stood still.
func slept(t time.Time, d time.Duration) time.Time {
	t = t.Add(-d)
	parts := (*struct { // as package time has it
		wall uint64
		ext  int64 // the monotonic reading
		loc  *time.Location
	})(unsafe.Pointer(&t)) // there is no other way to put a machine to sleep
	parts.ext += int64(d)
	return t
}

// keeper is a store that gives back the very token that it was given.
type keeper struct{ token *oauth2.Token }

func (k *keeper) Load(context.Context) (*oauth2.Token, error)       { return k.token, nil }
func (k *keeper) Save(_ context.Context, token *oauth2.Token) error { k.token = token; return nil }

func TestTokenExpiresWhileTheMachineSleeps(t *testing.T) {
	t.Parallel()
	expiry := slept(time.Now().Add(time.Hour), 2*time.Hour)
	if now := time.Now(); !now.Before(expiry) || now.Round(0).Before(expiry) {
		t.Fatal("the expiry of this test is not over by the wall clock, and still to come by the monotonic one")
	}
	s := newService()
	store := &keeper{s.current(expiry)}
	token, err := newSource(t, s, store).Token()
	if err != nil || token.AccessToken != accessToken(2) {
		t.Errorf("%v, %v, want the second token", token, err)
	}
}

// Instants that leave the package are the wall clock's, so that callers compare them with it too.
func TestExpiryIsTheWallClocks(t *testing.T) {
	t.Parallel()
	s := newService()
	store := &keeper{expiredGrant(s)}
	refreshed, err := newSource(t, s, store).Token()
	if err != nil {
		t.Fatal(err)
	}
	s.codes["code"] = url.Values{"redirect_uri": {config(fakeOrigin).RedirectURL}}
	exchanged, err := oauth.Exchange(s.context(t), config(fakeOrigin), "code")
	if err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]*oauth2.Token{"refresh": refreshed, "exchange": exchanged, "store": store.token} {
		if text := token.Expiry.String(); token.Expiry.IsZero() || strings.Contains(text, "m=") {
			t.Errorf("%s: the expiry is %s, want one without a monotonic reading", name, text)
		}
	}
}
