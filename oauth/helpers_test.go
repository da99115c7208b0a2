package oauth_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

var errDisk = errors.New("no space left on device")

// grant is the grant that the service made last, with an expiry.
func (s *service) current(expiry time.Time) *oauth2.Token {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live == "" {
		s.generation++
		s.live = refreshToken(s.generation)
	}
	return &oauth2.Token{
		AccessToken: accessToken(s.generation), RefreshToken: s.live, TokenType: "bearer", Expiry: expiry,
	}
}

func expiredGrant(s *service) *oauth2.Token { return s.current(time.Now().Add(-time.Hour)) }

// recorder is a store that counts and fails as told. It passes the lock on.
type recorder struct {
	*oauth.MemoryStore

	delay time.Duration // of every call, under fake time

	mu      sync.Mutex
	loads   int
	saves   int
	saveErr error
	savedBy error // told by a Save that saved
	loadErr error
	lockErr error

	reserves   int
	reserveErr error
	replaced   int // how often Reserve says that the store holds another grant
}

func newRecorder(t testing.TB, token *oauth2.Token) *recorder {
	t.Helper()
	r := &recorder{MemoryStore: oauth.NewMemoryStore()}
	if token != nil {
		if err := r.MemoryStore.Save(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func (r *recorder) Lock(ctx context.Context) (oauth.Locked, error) {
	time.Sleep(r.delay)
	r.mu.Lock()
	err := r.lockErr
	r.mu.Unlock()
	if err != nil {
		return nil, err
	}
	l, err := r.MemoryStore.Lock(ctx)
	if err != nil {
		return nil, err
	}
	return &recorderLock{Locked: l, r: r}, nil
}

func (r *recorder) Load(ctx context.Context) (*oauth2.Token, error) {
	if err := r.loading(); err != nil {
		return nil, err
	}
	return r.MemoryStore.Load(ctx)
}

func (r *recorder) loading() error {
	time.Sleep(r.delay)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.loads++
	return r.loadErr
}

func (r *recorder) set(change func(r *recorder)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(r)
}

func (r *recorder) saved() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.saves
}

type recorderLock struct {
	oauth.Locked
	r *recorder
}

func (l *recorderLock) Load(ctx context.Context) (*oauth2.Token, error) {
	if err := l.r.loading(); err != nil {
		return nil, err
	}
	return l.Locked.Load(ctx)
}

func (l *recorderLock) Save(ctx context.Context, token *oauth2.Token) error {
	time.Sleep(l.r.delay)
	l.r.mu.Lock()
	l.r.saves++
	err, told := l.r.saveErr, l.r.savedBy
	l.r.mu.Unlock()
	if err != nil {
		return err
	}
	if err := l.Locked.Save(ctx, token); err != nil {
		return err
	}
	return told
}

// plainStore hides everything but Store.
type plainStore struct{ oauth.Store }

func newSource(t testing.TB, s *service, store oauth.Store, opts ...oauth.Option) *oauth.TokenSource {
	t.Helper()
	ts, err := oauth.NewTokenSource(s.context(t), config(fakeOrigin), store, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return ts
}

func load(t testing.TB, store oauth.Store) *oauth2.Token {
	t.Helper()
	token, err := store.Load(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return token
}

func encoded(t testing.TB, token *oauth2.Token) string {
	t.Helper()
	b, err := oauth.EncodeToken(token)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func (l *recorderLock) Reserve(context.Context, *oauth2.Token) (bool, error) {
	l.r.mu.Lock()
	defer l.r.mu.Unlock()
	l.r.reserves++
	if l.r.replaced > 0 {
		l.r.replaced--
		return false, nil
	}
	return l.r.reserveErr == nil, l.r.reserveErr
}
