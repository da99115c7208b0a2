package integration

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oauth/sqlstore"
)

// Connections break at the commit of a refresh, each second one after the server has got it, while two rivals want the
// same user. No save fails and no refresh token is sent twice. OURA_TEST_CUTS sets how many cuts there are.
func TestConnectionCutAtCommit(t *testing.T) {
	t.Parallel()
	const processes = 3
	users := 70
	if n, err := strconv.Atoi(os.Getenv("OURA_TEST_CUTS")); err == nil {
		users = n
	}
	d := postgres(t)
	s := newService(t)
	s.delay = 100 * time.Millisecond // the rivals are at the lock by then
	u, err := url.Parse(d.DSN)
	if err != nil {
		t.Fatal(err)
	}
	direct := d.store(t)
	for i := range users {
		save(t, direct.For(userName(i)), s.grant(userName(i), hourAgo()))
	}
	var armed atomic.Bool
	var cuts, unsaved atomic.Int64
	s.rotated = func(string) { armed.Store(true) }
	w := newWire(t, u.Host)
	w.upstream = func(to io.Writer, from net.Conn) {
		buffer := make([]byte, 1<<16)
		for {
			n, err := from.Read(buffer)
			if bytes.Contains(buffer[:n], []byte("COMMIT\x00")) && armed.CompareAndSwap(true, false) {
				if cuts.Add(1)%2 == 0 {
					_, _ = to.Write(buffer[:n])
				}
				return
			}
			if _, failed := to.Write(buffer[:n]); err != nil || failed != nil {
				return
			}
		}
	}
	u.Host = w.Addr().String()

	var stores [processes]*sqlstore.Store
	for p := range processes {
		stores[p] = database{d.Dialect, u.String()}.store(t)
	}
	for i := range users { // all want one user at a time: that is where they meet
		var wg sync.WaitGroup
		for p := range processes {
			wg.Go(func() {
				source, err := oauth.NewTokenSource(t.Context(), config(s.URL), stores[p].For(userName(i)))
				if err != nil {
					t.Error(err)
					return
				}
				token, err := source.TokenContext(t.Context())
				if _, ok := errors.AsType[*oauth.SaveError](err); ok {
					unsaved.Add(1)
				}
				if err != nil || token.AccessToken != accessToken(userName(i), 2) {
					t.Errorf("%s: %v, want the new token", userName(i), err)
				}
			})
		}
		wg.Wait()
		wantStored(t, direct.For(userName(i)), refreshToken(userName(i), 2))
	}
	refreshes, reuses := s.count()
	t.Logf("%d cuts: %d refreshes of %d users, %d SaveErrors, %d double sends", cuts.Load(), refreshes, users, unsaved.Load(), reuses)
	if int(cuts.Load()) != users || refreshes != users || reuses != 0 || unsaved.Load() != 0 {
		t.Errorf("want %d cuts and refreshes, 0 SaveErrors, 0 double sends", users)
	}
}
