//go:build unix

package integration

import (
	"context"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oauth/sqlstore"
)

// A holder that is killed frees its user at once. One that hangs keeps the user
// for its lease and no longer, and cannot save over what came after.
func TestHolderDiesOrHangs(t *testing.T) {
	t.Parallel()
	d := postgres(t)
	store := d.store(t)
	s := newService(t)
	const lease = 2 * time.Second
	for _, test := range []struct {
		name   string
		signal syscall.Signal
		atMost time.Duration
	}{
		{"killed", syscall.SIGKILL, lease},
		{"hangs", syscall.SIGSTOP, 3 * lease},
	} {
		user := "held-" + test.name
		save(t, store.For(user), s.grant(user, hourAgo()))
		p := start(t, "hold", holdSettings{d, user, lease})
		p.begin()
		p.expect(t, "locked")
		began := time.Now()
		if err := p.cmd.Process.Signal(test.signal); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		l, err := store.For(user).Lock(ctx)
		if err != nil {
			t.Fatal(err)
		}
		took := time.Since(began)
		t.Logf("the holder %s: its user was free after %v, the lease is %v", test.name, took.Round(time.Millisecond), lease)
		if took > test.atMost {
			t.Errorf("the holder %s: that is too long", test.name)
		}
		save(t, l, s.grant(user, time.Now().Add(time.Hour)))
		if err := l.Unlock(); err != nil {
			t.Fatal(err)
		}
		if test.signal != syscall.SIGSTOP {
			continue
		}
		if took < lease/2 {
			t.Errorf("the lock was lost before its lease")
		}
		if err := p.cmd.Process.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		p.begin()
		p.expect(t, "first save: false")
		if !p.out.Scan() || !strings.Contains(p.out.Text(), "another grant was saved meanwhile") {
			t.Errorf("it says %q", p.out.Text())
		}
		wantStored(t, store.For(user), refreshToken(user, 1))
	}
}

// A refresh that takes longer than the lease loses its lock and not its grant, as long as nobody else wanted it.
func TestLeaseOutlived(t *testing.T) {
	t.Parallel()
	d := postgres(t)
	s := newService(t)
	s.delay = 2 * time.Second
	store := d.store(t, sqlstore.WithLease(time.Second))
	save(t, store.For("ann"), s.grant("ann", hourAgo()))
	source, err := oauth.NewTokenSource(t.Context(), config(s.URL), store.For("ann"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := source.TokenContext(t.Context()); err != nil {
		t.Error(err)
	}
	wantStored(t, d.store(t).For("ann"), refreshToken("ann", 2))
	if refreshes, reuses := s.count(); refreshes != 1 || reuses != 0 {
		t.Errorf("%d refreshes and %d reuses, want 1 and 0", refreshes, reuses)
	}
}

// SQLite's lock goes with its process.
func TestSQLiteHolderKilled(t *testing.T) {
	t.Parallel()
	d := sqlite(t)
	store := d.store(t)
	p := start(t, "hold", holdSettings{d, "ann", time.Minute})
	p.begin()
	p.expect(t, "locked")
	short, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := store.For("ben").Lock(short); err == nil {
		t.Error("two hold the lock of a SQLite")
	}
	p.kill()
	l, err := store.For("ann").Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Unlock(); err != nil {
		t.Error(err)
	}
}
