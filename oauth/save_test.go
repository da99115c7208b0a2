package oauth_test

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

// A save that fails loses nothing: the caller learns of it and holds the grant,
// and the next call saves it without another refresh.
func TestSaveThatFails(t *testing.T) {
	t.Parallel()
	for _, cause := range []error{syscall.ENOSPC, syscall.EROFS, sql.ErrConnDone} {
		t.Run(cause.Error(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newService()
				store := newRecorder(t, expiredGrant(s))
				store.saveErr = cause
				ts := newSource(t, s, store)
				for range 2 {
					start := time.Now()
					token, err := ts.Token()
					unsaved, ok := errors.AsType[*oauth.SaveError](err)
					if !ok || !errors.Is(err, cause) || token != nil {
						t.Fatalf("Token() = %v, want a SaveError of %v", err, cause)
					}
					if unsaved.Token.RefreshToken != s.live {
						t.Error("the SaveError does not hold the new grant")
					}
					if took := time.Since(start); took != 5*time.Second {
						t.Errorf("it was tried for %s, want 5 s", took)
					}
				}
				if s.requests() != 1 || store.saved() < 10 {
					t.Errorf("%d requests and %d saves, want 1 and many", s.requests(), store.saved())
				}
				store.set(func(r *recorder) { r.saveErr = nil })
				token, err := ts.Token()
				if err != nil || token.RefreshToken != s.live {
					t.Fatalf("Token() = %v, want the grant", err)
				}
				if got := load(t, store).RefreshToken; got != s.live || s.requests() != 1 {
					t.Errorf("the store holds %s after %d requests", got, s.requests())
				}
			})
		})
	}
}

func TestSaveThatRecoversInTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		store := newRecorder(t, expiredGrant(s))
		store.saveErr = errDisk
		time.AfterFunc(4*time.Second, func() { store.set(func(r *recorder) { r.saveErr = nil }) })
		if token, err := newSource(t, s, store).Token(); err != nil || token.RefreshToken != s.live {
			t.Errorf("Token() = %v, want the new token", err)
		}
	})
}

// failedOnce is a source whose refresh could not be saved.
func failedOnce(t *testing.T) (*service, *recorder, *oauth.TokenSource) {
	t.Helper()
	s := newService()
	store := newRecorder(t, expiredGrant(s))
	store.saveErr = errDisk
	ts := newSource(t, s, store)
	if _, err := ts.Token(); err == nil {
		t.Fatal("no SaveError")
	}
	store.set(func(r *recorder) { r.saveErr = nil })
	return s, store, ts
}

func TestWhatBecomesOfAnUnsavedGrant(t *testing.T) {
	t.Parallel()
	rival := &oauth2.Token{AccessToken: "rival", RefreshToken: "rival-refresh"}
	tests := []struct {
		name    string
		between func(s *service, store *recorder)
		err     error
		unsaved bool   // the error is a SaveError
		want    string // access token
		again   string // access token of the call after, with the store mended
	}{
		{name: "saved", want: accessToken(2), again: accessToken(2)},
		{
			name:    "store cannot be read",
			between: func(_ *service, store *recorder) { store.loadErr = errDisk },
			err:     errDisk, unsaved: true, again: accessToken(2),
		},
		{
			name:    "lock cannot be had",
			between: func(_ *service, store *recorder) { store.lockErr = errDisk },
			err:     errDisk, unsaved: true, again: accessToken(2),
		},
		{
			name: "another grant was stored",
			between: func(_ *service, store *recorder) {
				if store.MemoryStore.Save(context.Background(), rival) != nil {
					panic("Save")
				}
			},
			want: "rival", again: "rival",
		},
		{
			name: "deleted",
			between: func(_ *service, store *recorder) {
				if store.Delete(context.Background()) != nil {
					panic("Delete")
				}
			},
			err: oauth.ErrNoToken,
		},
		{
			name:    "expired meanwhile",
			between: func(*service, *recorder) { time.Sleep(48 * time.Hour) },
			want:    accessToken(3), again: accessToken(3),
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, store, ts := failedOnce(t)
				if test.between != nil {
					test.between(s, store)
				}
				for _, want := range []string{test.want, test.again} {
					token, err := ts.Token()
					if want == "" {
						if !errors.Is(err, test.err) {
							t.Fatalf("Token() = %v, want %v", err, test.err)
						}
						if _, ok := errors.AsType[*oauth.SaveError](err); ok != test.unsaved {
							t.Errorf("Token() = %v, want a SaveError: %t", err, test.unsaved)
						}
					} else if err != nil || token.AccessToken != want || load(t, store).AccessToken != want {
						t.Fatalf("Token() = %v, want %s, in the store too", err, want)
					}
					store.set(func(r *recorder) { r.loadErr, r.lockErr = nil, nil })
				}
				if s.reused() != 0 {
					t.Errorf("%d reuses", s.reused())
				}
			})
		})
	}
}

// Whoever comes to save what is unsaved is not held longer than its context. The
// grant stays for who comes next.
func TestSavingWhatIsUnsavedEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, store, ts := failedOnce(t)
		store.set(func(r *recorder) { r.saveErr = errDisk })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := ts.TokenContext(ctx)
		unsaved, ok := errors.AsType[*oauth.SaveError](err)
		if !ok || !errors.Is(err, errDisk) || !errors.Is(err, context.DeadlineExceeded) || unsaved.Token.RefreshToken != s.live {
			t.Errorf("TokenContext() = %v, want a SaveError with the grant, of disk and context", err)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("it took %s, want 1 s", took)
		}
		store.set(func(r *recorder) { r.saveErr = nil })
		if token, err := ts.Token(); err != nil || token.RefreshToken != s.live || s.requests() != 1 {
			t.Errorf("Token() = %v after %d requests, want the grant", err, s.requests())
		}
	})
}

// A Save can succeed and its answer be lost: what is in the store counts.
func TestSaveThatSavedAndFailed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		store := newRecorder(t, expiredGrant(s))
		store.savedBy = errDisk
		ts := newSource(t, s, store)
		if _, err := ts.Token(); !errors.Is(err, errDisk) {
			t.Fatalf("Token() = %v, want a SaveError", err)
		}
		token, err := ts.Token()
		if err != nil || token.AccessToken != accessToken(2) || s.requests() != 1 {
			t.Errorf("Token() = %v after %d requests", err, s.requests())
		}
	})
}

// transactions is a store as one in a database is: what is saved under the lock
// lasts when Unlock commits it.
type transactions struct {
	*oauth.MemoryStore
	commitErr error
}

type transaction struct {
	oauth.Locked
	s    *transactions
	next *oauth2.Token
}

func (s *transactions) Lock(ctx context.Context) (oauth.Locked, error) {
	l, err := s.MemoryStore.Lock(ctx)
	return &transaction{Locked: l, s: s}, err
}

func (l *transaction) Load(ctx context.Context) (*oauth2.Token, error) {
	if l.next != nil {
		return l.next, nil
	}
	return l.Locked.Load(ctx)
}

func (l *transaction) Save(_ context.Context, token *oauth2.Token) error {
	l.next = token
	return nil
}

func (l *transaction) Unlock() error {
	err := l.s.commitErr
	if err == nil && l.next != nil {
		err = l.Locked.Save(context.Background(), l.next)
	}
	return errors.Join(err, l.Locked.Unlock())
}

// A commit that fails is a save that failed, however often.
func TestCommitThatFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.expiresIn = 60
		store := &transactions{MemoryStore: oauth.NewMemoryStore()}
		if err := store.Save(t.Context(), expiredGrant(s)); err != nil {
			t.Fatal(err)
		}
		store.commitErr = errDisk
		ts := newSource(t, s, store)
		fails := func(requests int) {
			t.Helper()
			_, err := ts.Token()
			unsaved, ok := errors.AsType[*oauth.SaveError](err)
			if !ok || unsaved.Token.RefreshToken != s.live || s.requests() != requests {
				t.Fatalf("Token() = %v after %d requests, want a SaveError with the live grant after %d", err, s.requests(), requests)
			}
		}
		fails(1)
		fails(1) // saved again under the lock, whose end fails again
		// It expires: it is refreshed under the lock under which it was saved, and
		// the store still holds the grant before it.
		time.Sleep(time.Hour)
		fails(2)
		fails(2)
		store.commitErr = nil
		token, err := ts.Token()
		if err != nil || token.RefreshToken != s.live || load(t, store).RefreshToken != s.live {
			t.Errorf("Token() = %v, want the live grant, in the store too", err)
		}
		if s.requests() != 2 || s.reused() != 0 {
			t.Errorf("%d requests and %d reuses, want 2 and 0", s.requests(), s.reused())
		}
	})
}

// The same on a real disk, whose folder is gone between request and save.
func TestSaveThatFailsOnDisk(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("a folder with a file that is locked cannot be renamed on Windows")
	}
	folder := filepath.Join(t.TempDir(), "tokens")
	store := oauth.NewFileStore(filepath.Join(folder, "token.json"))
	s := newService()
	if err := store.Save(t.Context(), expiredGrant(s)); err != nil {
		t.Fatal(err)
	}
	s.before = func(*http.Request) {
		if err := os.Rename(folder, folder+".away"); err != nil {
			t.Error(err)
		}
	}
	ts := newSource(t, s, store)
	_, err := ts.Token()
	unsaved, ok := errors.AsType[*oauth.SaveError](err)
	if !ok || !errors.Is(err, os.ErrNotExist) || unsaved.Token.RefreshToken != s.live {
		t.Fatalf("Token() = %v, want a SaveError with the live grant", err)
	}
	if err := os.Rename(folder+".away", folder); err != nil {
		t.Fatal(err)
	}
	if token, err := ts.Token(); err != nil || token.RefreshToken != s.live || s.requests() != 1 {
		t.Errorf("Token() = %v after %d requests", err, s.requests())
	}
	if got := load(t, store).RefreshToken; got != s.live {
		t.Errorf("the store holds %s, the service %s", got, s.live)
	}
}

// An early refresh that cannot be saved is told, though a token is still valid.
func TestEarlyRefreshThatCannotBeSaved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		store := newRecorder(t, s.current(time.Now().Add(time.Minute)))
		store.saveErr = errDisk
		if _, err := newSource(t, s, store).Token(); err == nil {
			t.Error("the caller does not learn of it")
		}
	})
}

// Where the store cannot be read, an early refresh is put off.
func TestEarlyRefreshWithoutAStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.answer = func(http.ResponseWriter, url.Values) { t.Error("a request") }
		store := newRecorder(t, s.current(time.Now().Add(time.Hour)))
		ts := newSource(t, s, store)
		if _, err := ts.Token(); err != nil {
			t.Fatal(err)
		}
		store.set(func(r *recorder) { r.loadErr = errDisk })
		time.Sleep(56 * time.Minute)
		if token, err := ts.Token(); err != nil || token.AccessToken != accessToken(1) {
			t.Errorf("Token() = %v, want the token that is valid", err)
		}
		time.Sleep(time.Hour)
		if _, err := ts.Token(); !errors.Is(err, errDisk) {
			t.Errorf("Token() = %v, want the store's error", err)
		}
	})
}

// A token that the service rejected is not handed out again because the one after
// it could not be saved.
func TestRejectedTokenWhoseSuccessorIsUnsaved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		store := newRecorder(t, s.current(time.Now().Add(time.Hour)))
		ts := newSource(t, s, store)
		rejected, err := ts.Token()
		if err != nil {
			t.Fatal(err)
		}
		store.set(func(r *recorder) { r.saveErr = errDisk })
		if _, err := ts.Refresh(t.Context(), rejected); !errors.Is(err, errDisk) {
			t.Fatalf("Refresh() = %v, want a SaveError", err)
		}
		store.set(func(r *recorder) { r.saveErr = nil })
		token, err := ts.Token()
		if err != nil || token.AccessToken != accessToken(2) || s.requests() != 1 {
			t.Errorf("Token() = %v after %d requests, want the new token", err, s.requests())
		}
		// That it was saved late does not make it a token that was not just refreshed.
		if _, err := ts.Refresh(t.Context(), token); !errors.Is(err, oauth.ErrJustRefreshed) || s.requests() != 1 {
			t.Errorf("Refresh() = %v after %d requests, want ErrJustRefreshed", err, s.requests())
		}
	})
}
