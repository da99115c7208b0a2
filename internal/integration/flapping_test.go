package integration

import (
	"errors"
	"math/rand/v2"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oauth/sqlstore"
)

// The network to the database breaks again and again, at any point of a refresh: under way, between save and commit,
// while the answer to the commit travels, before the next. No grant is lost, and of one process none is sent twice.
//
// The lock goes with its connection, so a rival can take it before the holder is back, and then trades the old token in
// vain: an ErrReauthorize, which is over when the holder has saved.
func TestDatabaseFlaps(t *testing.T) {
	t.Parallel()
	t.Run("one process", func(t *testing.T) {
		t.Parallel()
		if reuses, refused := flapping(t, 1, 100); reuses != 0 || refused != 0 {
			t.Errorf("%d reuses, %d calls that ask for consent, want 0", reuses, refused)
		}
	})
	t.Run("rivals", func(t *testing.T) {
		t.Parallel()
		if reuses, refused := flapping(t, 3, 60); refused < reuses {
			t.Errorf("%d reuses, and %d calls that ask for consent: somebody was not told", reuses, refused)
		}
	})
}

// flapping has processes, as far as locks are concerned, refresh the same users over a bad wire. It returns how often a
// token was sent twice, and how often a caller heard of it.
func flapping(t *testing.T, processes, users int) (reuses, refused int) {
	const workers = 4
	d := postgres(t)
	s := newService(t)
	s.delay = 5 * time.Millisecond
	u, err := url.Parse(d.DSN)
	if err != nil {
		t.Fatal(err)
	}
	wire := newWire(t, u.Host, nil)
	u.Host = wire.Addr().String()
	direct := d.store(t)
	for i := range users {
		save(t, direct.For(userName(i)), s.grant(userName(i), hourAgo()))
	}

	var cutting, refreshing sync.WaitGroup
	var cuts, asked atomic.Int64
	s.rotated = func(string) {
		if rand.IntN(3) > 0 {
			return
		}
		cuts.Add(1)
		cutting.Go(func() {
			sleepUntil(time.Now().Add(time.Duration(rand.IntN(8000)) * time.Microsecond))
			wire.cut()
			sleepUntil(time.Now().Add(20 * time.Millisecond))
			wire.mend()
		})
	}
	for range processes {
		store := database{d.Dialect, u.String()}.store(t)
		todo := make(chan int, users)
		for _, i := range rand.Perm(users) {
			todo <- i
		}
		close(todo)
		for range workers {
			refreshing.Go(func() {
				for i := range todo {
					asked.Add(int64(insist(t, s, store, userName(i))))
				}
			})
		}
	}
	refreshing.Wait()
	cutting.Wait()

	lost := 0
	for i := range users {
		token, err := direct.For(userName(i)).Load(t.Context())
		if err != nil || token.RefreshToken != refreshToken(userName(i), 2) {
			lost++
		}
	}
	refreshes, reuses := s.count()
	t.Logf("%d processes, connections cut %d times: %d refreshes of %d users, %d lost, %d reuses", processes, cuts.Load(), refreshes, users, lost, reuses)
	if cuts.Load() < 5 || refreshes != users || lost != 0 {
		t.Errorf("want %d refreshes, 0 lost", users)
	}
	return reuses, int(asked.Load())
}

// insist asks one source until it has the user's new token, as a job queue would, and counts the times that it is told to
// ask for consent.
func insist(t *testing.T, s *service, store *sqlstore.Store, user string) (refused int) {
	source, err := oauth.NewTokenSource(t.Context(), config(s.URL), store.For(user))
	if err != nil {
		t.Error(err)
		return 0
	}
	for deadline := time.Now().Add(time.Minute); ; {
		token, err := source.TokenContext(t.Context())
		if err == nil {
			if token.AccessToken != accessToken(user, 2) {
				t.Errorf("%s: got %s", user, token.AccessToken)
			}
			return refused
		}
		if errors.Is(err, oauth.ErrReauthorize) {
			refused++
			sleepUntil(time.Now().Add(50 * time.Millisecond))
		}
		if time.Now().After(deadline) {
			t.Errorf("%s: %v", user, err)
			return refused
		}
	}
}
