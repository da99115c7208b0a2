package oauth

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/internal/wait"
)

var errUnlocked = errors.New("oauth: the lock on the token file is no longer held")

// fileLock is the lock on a token file, of this process and of all others.
type fileLock struct {
	store *FileStore
	path  string // of the token, links resolved
	file  *flock.Flock

	turn semaphore // held over I/O; guards done
	done bool
}

// Lock waits for the lock, which holds off goroutines and other processes. It makes the folder where there is none.
func (s *FileStore) Lock(ctx context.Context) (Locked, error) {
	// The sealing key is not needed to hold a lock; Load and Save report it.
	if s.path == "" {
		return nil, s.err
	}
	if err := s.lock.acquire(ctx); err != nil {
		return nil, err
	}
	l, err := s.lockFile(ctx)
	if err != nil {
		s.lock.release()
		return nil, err
	}
	return l, nil
}

func (s *FileStore) lockFile(ctx context.Context) (*fileLock, error) {
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return nil, fmt.Errorf("oauth: token file's folder: %w", err)
	}
	path, err := resolve(s.path)
	if err != nil {
		return nil, fileError(err)
	}
	file := flock.New(path+".lock", flock.SetPermissions(0o600))
	for tries := 0; ; tries++ {
		locked, err := file.TryLock()
		if err != nil && !transient(err) {
			return nil, fmt.Errorf("oauth: token file's lock: %w", err)
		}
		if locked {
			return &fileLock{store: s, path: path, file: file, turn: newSemaphore()}, nil
		}
		if wait.Sleep(ctx, wait.Backoff(tries, minPoll, maxPoll)) != nil {
			return nil, ctx.Err()
		}
	}
}

func (l *fileLock) Load(ctx context.Context) (*oauth2.Token, error) {
	var token *oauth2.Token
	err := l.held(ctx, func() (err error) {
		token, err = l.store.read(ctx, l.path)
		return err
	})
	return token, err
}

func (l *fileLock) Save(ctx context.Context, token *oauth2.Token) error {
	return l.held(ctx, func() error { return l.store.write(ctx, l.path, token) })
}

// Delete reports no error of the store's options: what cannot be read can be deleted.
func (l *fileLock) Delete(ctx context.Context) error {
	return l.held(ctx, func() error { return fileError(removeFile(ctx, l.path)) })
}

func (l *fileLock) Unlock() error {
	if err := l.turn.acquire(context.Background()); err != nil {
		return err
	}
	defer l.turn.release()
	if l.done {
		return nil
	}
	l.done = true
	defer l.store.lock.release()
	if err := l.file.Unlock(); err != nil {
		return fmt.Errorf("oauth: token file's lock: %w", err)
	}
	return nil
}

// held runs do while the lock is held, and looks at ctx before: a write is not cut in the middle.
func (l *fileLock) held(ctx context.Context, do func() error) error {
	if err := l.turn.acquire(ctx); err != nil {
		return err
	}
	defer l.turn.release()
	if l.done {
		return errUnlocked
	}
	return do()
}
