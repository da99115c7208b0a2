package integration

import (
	"bytes"
	"io"
	"net/url"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// cutter cuts the connection that sends the next COMMIT after it was armed: each second time after the server got it.
type cutter struct {
	armed atomic.Bool
	cuts  atomic.Int64
}

func (c *cutter) copy(to io.Writer, from io.Reader) {
	buffer := make([]byte, 1<<16)
	for {
		n, err := from.Read(buffer)
		if bytes.Contains(buffer[:n], []byte("COMMIT\x00")) && c.armed.CompareAndSwap(true, false) {
			if c.cuts.Add(1)%2 == 0 {
				_, _ = to.Write(buffer[:n])
			}
			return
		}
		if _, failed := to.Write(buffer[:n]); err != nil || failed != nil {
			return
		}
	}
}

// Connections break at the commit of a refresh while three processes want the same user, some of which wait for the
// lock and some of which come when it is free. No save fails and no refresh token is sent twice. OURA_TEST_CUTS sets
// how many cuts there are.
func TestConnectionCutAtCommit(t *testing.T) {
	t.Parallel()
	const processes = 3
	users := 70
	if n, err := strconv.Atoi(os.Getenv("OURA_TEST_CUTS")); err == nil {
		users = n
	}
	d := postgres(t)
	s := newService(t)
	s.delay = 30 * time.Millisecond // the rivals are at the lock by then
	c := &cutter{}
	s.rotated = func(string) { c.armed.Store(true) }
	u, err := url.Parse(d.DSN)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = newWire(t, u.Host, c.copy).Addr().String()
	direct := d.store(t)
	for i := range users {
		save(t, direct.For(userName(i)), s.grant(userName(i), hourAgo()))
	}
	var rivals []*process
	for range processes {
		rivals = append(rivals, start(t, "refresh", refreshSettings{database{d.Dialect, u.String()}, s.URL, users, 1, true}))
	}
	began := time.Now()
	var unsaved, wrong atomic.Int64
	var wg sync.WaitGroup
	for _, p := range rivals {
		p.begin()
		wg.Go(func() {
			results, err := readAll[result](p)
			if err != nil || len(results) != users {
				t.Errorf("%d results, %v, want %d", len(results), err, users)
			}
			for _, r := range results {
				if r.Unsaved {
					unsaved.Add(1)
				}
				if r.Access != accessToken(r.User, 2) {
					wrong.Add(1)
					t.Errorf("%s: %s, want the new token", r.User, r.Error)
				}
			}
		})
	}
	wg.Wait()
	for i := range users {
		wantStored(t, direct.For(userName(i)), refreshToken(userName(i), 2))
	}
	var marks int
	err = d.open(t, 1).QueryRowContext(t.Context(), `SELECT count(*) FROM oura_grants WHERE holder IS NOT NULL`).Scan(&marks)
	if err != nil || marks != 0 {
		t.Errorf("%d marks are left, %v, want none", marks, err)
	}
	refreshes, reuses := s.count()
	t.Logf("%d processes, %d cuts in %s: %d refreshes of %d users, %d SaveErrors, %d double sends, %d other errors", processes,
		c.cuts.Load(), time.Since(began).Round(time.Millisecond), refreshes, users, unsaved.Load(), reuses, wrong.Load())
	if int(c.cuts.Load()) != users || refreshes != users || reuses != 0 || unsaved.Load() != 0 {
		t.Errorf("want %d cuts and refreshes, 0 SaveErrors, 0 double sends", users)
	}
}
