package oauth

import (
	"context"
	"time"

	"golang.org/x/oauth2"
)

// lockTimeout bounds the wait for a store's lock: twice what a holder may take.
const lockTimeout = time.Minute

// held is a store's lock from the moment that it is taken. It is released once.
type held struct {
	Locked
	released bool
}

func (h *held) release() error {
	if h.released {
		return nil
	}
	h.released = true
	return h.Unlock()
}

// reserver is a Locked that makes sure, before the service trades a single-use token, that the answer can be kept, and
// that others leave the grant to this holder should it lose its lock. It reports whether the store still holds the grant
// that was loaded. An error means that a save would fail.
//
// It is no part of the public interface: a store without it finds out when it saves.
type reserver interface {
	Reserve(ctx context.Context, replaced *oauth2.Token) (bool, error)
}

// reserve asks a lock that can be asked.
func (h *held) reserve(ctx context.Context, replaced *oauth2.Token) (bool, error) {
	r, ok := h.Locked.(reserver)
	if !ok {
		return true, nil
	}
	return r.Reserve(ctx, replaced)
}

// unlocked stands in for the lock of a store that has none.
type unlocked struct{ Store }

func (unlocked) Unlock() error { return nil }

// withLock runs do under the lock of a store.
func withLock(ctx context.Context, l Locker, do func(Locked) error) (err error) {
	locked, err := l.Lock(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if unlockErr := locked.Unlock(); err == nil {
			err = unlockErr
		}
	}()
	return do(locked)
}

// semaphore is a lock that is held over I/O: waiting for it ends with the context, and counts as blocked in tests with
// fake time, unlike a sync.Mutex.
type semaphore chan struct{}

func newSemaphore() semaphore { return make(semaphore, 1) }

func (s semaphore) acquire(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s semaphore) release() { <-s }
