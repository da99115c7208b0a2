package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

// town is a token endpoint and the stores of many users.
type town struct {
	mu       sync.Mutex
	live     map[string]int // the number of each user's good refresh token
	requests int
	reused   []string
	stores   map[string]*recorder
}

func newTown(t testing.TB, users int) *town {
	t.Helper()
	c := &town{live: map[string]int{}, stores: map[string]*recorder{}}
	for i := range users {
		user := townUser(i)
		c.live[user] = 1
		c.stores[user] = newRecorder(t, &oauth2.Token{
			AccessToken: user + " 1", RefreshToken: user + " 1", Expiry: time.Now().Add(-time.Hour),
		})
	}
	return c
}

func townUser(i int) string { return fmt.Sprintf("user%05d", i) }

func (c *town) store(user string) oauth.Store {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.stores[user]; r != nil {
		return r
	}
	return nil
}

func (c *town) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	var user string
	var number int
	if _, err := fmt.Sscanf(form.Get("refresh_token"), "%s %d", &user, &number); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests++
	w := httptest.NewRecorder()
	if c.live[user] != number {
		c.reused = append(c.reused, user)
		refuse(w, http.StatusBadRequest, "invalid_grant")
	} else {
		number++
		c.live[user] = number
		_, _ = fmt.Fprintf(w, `{"access_token":"access-%s-%d","refresh_token":"%s %d","expires_in":86400}`, user, number, user, number)
	}
	return w.Result(), nil
}

func (c *town) sources(t testing.TB, opts ...oauth.SourcesOption) *oauth.Sources {
	t.Helper()
	ctx := context.WithValue(t.Context(), oauth2.HTTPClient, &http.Client{Transport: c})
	sources, err := oauth.NewSources(ctx, config(fakeOrigin), c.store, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return sources
}

func sourceOf(t testing.TB, s *oauth.Sources, user string) *oauth.TokenSource {
	t.Helper()
	ts, err := s.For(user)
	if err != nil {
		t.Fatal(err)
	}
	return ts
}

func TestSourcesOfACrowd(t *testing.T) {
	const users, goroutines, most = 10_000, 200, 500
	synctest.Test(t, func(t *testing.T) {
		c := newTown(t, users)
		sources := c.sources(t, oauth.WithCapacity(most, time.Hour))
		failing := 0
		for i := 0; i < users; i += 20 { // their stores cannot save
			c.stores[townUser(i)].saveErr = errDisk
			failing++
		}
		var mu sync.Mutex
		type use struct {
			ts    *oauth.TokenSource
			users int
		}
		inUse := map[string]*use{}
		ask := func(user string) error {
			ts, err := sources.For(user)
			if err != nil {
				return err
			}
			mu.Lock()
			u := inUse[user]
			if u == nil {
				u = &use{ts: ts}
				inUse[user] = u
			}
			u.users++
			if u.ts != ts {
				t.Errorf("%s has two sources", user)
			}
			mu.Unlock()
			_, err = ts.TokenContext(t.Context())
			mu.Lock()
			defer mu.Unlock()
			if u.users--; u.users == 0 {
				delete(inUse, user)
			}
			return err
		}
		round := func(each int) (unsaved map[string]bool) {
			unsaved = map[string]bool{}
			var wg sync.WaitGroup
			for g := range goroutines {
				wg.Go(func() {
					for n := range each {
						i := g*users/goroutines + n // all users, and then anybody
						if n >= users/goroutines {
							i = rand.IntN(users)
						}
						err := ask(townUser(i))
						if _, ok := errors.AsType[*oauth.SaveError](err); ok {
							mu.Lock()
							unsaved[townUser(i)] = true
							mu.Unlock()
						} else if err != nil {
							t.Errorf("%s: %v", townUser(i), err)
						}
						if n%200 != 150 {
							continue
						}
						if known, within, _ := sources.Sizes(); within > most || known > users {
							t.Errorf("%d users are known and %d sources are kept", known, within)
						}
					}
				})
			}
			wg.Wait()
			return unsaved
		}
		if unsaved := round(300); len(unsaved) != failing {
			t.Errorf("%d users' grants are not saved, want %d", len(unsaved), failing)
		}
		runtime.GC()
		if _, within, beyond := sources.Sizes(); within > most || within+beyond < failing || beyond > failing {
			t.Errorf("%d sources are kept within the bounds and %d beyond: want %d and those of %d users", within, beyond, most, failing)
		}
		for i := 0; i < users; i += 20 {
			c.stores[townUser(i)].set(func(r *recorder) { r.saveErr = nil })
		}
		if unsaved := round(100); len(unsaved) != 0 {
			t.Errorf("%d users' grants are not saved, want none", len(unsaved))
		}
		for i := range users {
			user := townUser(i)
			if got := load(t, c.stores[user]).RefreshToken; got != user+" 2" {
				t.Errorf("%s: the store holds %q", user, got)
			}
		}
		if c.requests != users || len(c.reused) != 0 {
			t.Errorf("%d refreshes and %d tokens sent twice, want %d and none", c.requests, len(c.reused), users)
		}
		if _, within, beyond := sources.Sizes(); within > most || beyond != 0 {
			t.Errorf("%d sources are kept within the bounds and %d beyond: want %d and none", within, beyond, most)
		}
	})
}

// A source is let go when it is idle or there are too many, and is found as long as somebody holds it.
func TestSourceThatIsHeldIsFoundAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newTown(t, 3000)
		sources := c.sources(t, oauth.WithCapacity(2, time.Minute))
		first := sourceOf(t, sources, townUser(0))
		held := *first // a copy is as good
		for i := range 3 {
			sourceOf(t, sources, townUser(i+1))
		}
		runtime.GC()
		if again := sourceOf(t, sources, townUser(0)); again != first {
			t.Error("the user has two sources")
		}
		if _, err := held.Token(); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Minute + 1)
		sourceOf(t, sources, townUser(1))
		if _, within, _ := sources.Sizes(); within != 1 {
			t.Errorf("%d sources are kept after a minute without a question, want that of the last one", within)
		}
		for i := range 2999 {
			sourceOf(t, sources, townUser(i+1))
			if i%500 == 0 {
				runtime.GC()
			}
		}
		if known, within, beyond := sources.Sizes(); known > 2500 || within != 2 || beyond != 0 {
			t.Errorf("%d users are known, %d sources are kept, and %d beyond the bounds", known, within, beyond)
		}
		runtime.KeepAlive(held)
	})
}

// A grant that cannot be saved is kept, whoever let go of its source, and no longer than that.
func TestSourceWithAnUnsavedGrantIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newTown(t, 5)
		sources := c.sources(t, oauth.WithCapacity(1, time.Minute))
		user := townUser(0)
		ts := sourceOf(t, sources, user)
		sourceOf(t, sources, townUser(1)) // the first is let go
		c.stores[user].saveErr = errDisk
		if _, err := ts.Token(); !errors.Is(err, errDisk) {
			t.Fatal(err)
		}
		ts = nil
		time.Sleep(time.Hour)
		for i := range 4 {
			sourceOf(t, sources, townUser(i+1))
			runtime.GC()
		}
		if _, within, beyond := sources.Sizes(); within != 1 || beyond != 1 {
			t.Errorf("%d sources are kept, and %d beyond the bounds: want one of each", within, beyond)
		}
		sources.Forget(user)
		runtime.GC()
		c.stores[user].set(func(r *recorder) { r.saveErr = nil })
		ts = sourceOf(t, sources, user)
		if token, err := ts.Token(); err != nil || token.AccessToken != "access-"+user+"-2" || len(c.reused) != 0 || c.requests != 1 {
			t.Errorf("Token() = %v, %v after %d requests", token, err, c.requests)
		}
		sourceOf(t, sources, townUser(1))
		if _, within, beyond := sources.Sizes(); within != 1 || beyond != 0 {
			t.Errorf("%d sources are kept, and %d beyond the bounds: want one and none", within, beyond)
		}
	})
}

func TestForget(t *testing.T) {
	t.Parallel()
	c := newTown(t, 2)
	sources := c.sources(t)
	sources.Forget("nobody")
	user := townUser(0)
	ts := sourceOf(t, sources, user)
	if _, err := ts.Token(); err != nil {
		t.Fatal(err)
	}
	if err := c.stores[user].Delete(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := ts.Token(); err != nil {
		t.Fatal(err) // it does no I/O while its token is good
	}
	sources.Forget(user)
	if _, err := ts.Token(); !errors.Is(err, oauth.ErrNoToken) {
		t.Errorf("Token() = %v, want ErrNoToken", err)
	}
	if again := sourceOf(t, sources, user); again != ts {
		t.Error("the user has two sources")
	}
	// The person consented again.
	if err := c.stores[user].Save(t.Context(), &oauth2.Token{AccessToken: "new", RefreshToken: "new", Expiry: time.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if token, err := ts.Token(); err != nil || token.AccessToken != "new" {
		t.Errorf("Token() = %v, %v, want that of the new grant", token, err)
	}
}

// What a call finds that began before Forget is not kept.
func TestForgetWhileACallIsUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newTown(t, 1)
		sources := c.sources(t)
		user := townUser(0)
		c.stores[user].delay = time.Second
		ts := sourceOf(t, sources, user)
		go func() { _, _ = ts.Token() }()
		time.Sleep(2500 * time.Millisecond) // it refreshes, and will save
		sources.Forget(user)
		time.Sleep(time.Minute)
		if err := c.stores[user].MemoryStore.Delete(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := ts.Token(); !errors.Is(err, oauth.ErrNoToken) || c.requests != 1 {
			t.Errorf("Token() = %v after %d requests, want ErrNoToken after one", err, c.requests)
		}
	})
}

func TestNewSourcesRefuses(t *testing.T) {
	t.Parallel()
	c := newTown(t, 1)
	var none func(string) oauth.Store
	for name, make := range map[string]func() (*oauth.Sources, error){
		"no configuration": func() (*oauth.Sources, error) { return oauth.NewSources(t.Context(), nil, c.store) },
		"no stores":        func() (*oauth.Sources, error) { return oauth.NewSources(t.Context(), config(fakeOrigin), none) },
		"bounds": func() (*oauth.Sources, error) {
			return oauth.NewSources(t.Context(), config(fakeOrigin), c.store, oauth.WithCapacity(0, time.Hour))
		},
		"a source's option": func() (*oauth.Sources, error) {
			return oauth.NewSources(t.Context(), config(fakeOrigin), c.store, nil, oauth.WithEarlyRefresh(-1))
		},
	} {
		if s, err := make(); err == nil || s != nil {
			t.Errorf("%s: NewSources() = %v, %v", name, s, err)
		}
	}
	sources := c.sources(t)
	for _, user := range []string{"", "nobody"} {
		if ts, err := sources.For(user); err == nil || ts != nil {
			t.Errorf("For(%q) = %v, %v", user, ts, err)
		}
	}
	if text := fmt.Sprintf("%v %+v %#v", sources, sources, sources); text != "oauth.Sources oauth.Sources oauth.Sources" {
		t.Error(text)
	}
}
