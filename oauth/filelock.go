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

	turn     semaphore // held over I/O; guards the fields below
	reserved *os.File  // for the next Save, or nil
	done     bool
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

func (l *fileLock) Load(ctx context.Context) (token *oauth2.Token, err error) {
	err = l.held(ctx, func() (err error) {
		token, err = l.store.read(ctx, l.path)
		return err
	})
	return token, err
}

func (l *fileLock) Save(ctx context.Context, token *oauth2.Token) error {
	return l.held(ctx, func() error {
		data, err := l.store.encode(l.path, token)
		if err != nil {
			return err
		}
		reserved := l.reserved
		l.reserved = nil
		return fileError(replaceFile(ctx, l.path, data, reserved))
	})
}

// Reserve makes the file that the next Save fills, so that a full disk or a folder that cannot be written to is found
// before the service trades the refresh token. The grant stays what it is: nobody saves without the lock.
func (l *fileLock) Reserve(ctx context.Context, replaced *oauth2.Token) (bool, error) {
	const more = 4 << 10 // what the next token may be longer
	return true, l.held(ctx, func() error {
		data, err := l.store.encode(l.path, replaced)
		if err != nil {
			return err
		}
		l.discard()
		l.reserved, err = reserveFile(l.path, len(data)+more)
		return fileError(err)
	})
}

// discard ends what was reserved and not used.
func (l *fileLock) discard() {
	if l.reserved != nil {
		discardFile(l.reserved)
		l.reserved = nil
	}
}

// Delete reports no error of the store's options: what cannot be read can be deleted.
func (l *fileLock) Delete(ctx context.Context) error {
	return l.held(ctx, func() error {
		l.discard()
		return fileError(removeFile(ctx, l.path))
	})
}

func (l *fileLock) Unlock() error {
	l.turn <- struct{}{} // without a context: the lock must end
	defer l.turn.release()
	if l.done {
		return nil
	}
	l.done = true
	l.discard()
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
