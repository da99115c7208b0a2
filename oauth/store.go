package oauth

import (
	"context"
	"fmt"
	"io"
	"sync"

	"golang.org/x/oauth2"
)

// Store keeps one grant. It must keep what [EncodeToken] writes: a plain
// json.Marshal of the token loses its scope and token URL.
//
// Load returns [ErrNoToken] when there is no grant, and only then: a grant that
// is there and cannot be read is another error. Save returns when the token is
// safe. Load and Save are called from many goroutines. A store should have
// [Locker] where several processes share the grant, and [Deleter].
//
// Save of a store that also is a Locker waits for the lock, so that a grant
// saved after a new consent is not overwritten by a refresh under way.
type Store interface {
	Load(ctx context.Context) (*oauth2.Token, error)
	Save(ctx context.Context, token *oauth2.Token) error
}

// Locker is optional: it holds other processes off during a refresh. A wrapper
// that hides it loses that protection.
//
// Lock waits until it has the lock or ctx ends. The context bounds the wait
// alone: the lock outlives it until Unlock (a transaction begun with it would
// be rolled back while the answer of a refresh is on its way).
type Locker interface {
	Lock(ctx context.Context) (Locked, error)
}

// Locked is a lock that is held. Its Load and Save run under it (in SQL, in its
// transaction, with a lease longer than the 30 s that a refresh may take); those
// of the store would wait for it. Where it is a [Deleter] too, [Disconnect]
// deletes under it.
//
// Unlock ends it. An error of Unlock after a Save counts as a failed Save.
type Locked interface {
	Store
	Unlock() error
}

// Deleter is optional; [Disconnect] needs it. Delete of a grant that is not
// there is no error.
type Deleter interface {
	Delete(ctx context.Context) error
}

// MemoryStore keeps a grant as long as the process lives: for tests, and for
// programs that have a store elsewhere. It is a [Store], [Locker] and [Deleter],
// and safe for concurrent use; [TokenSource] values that share one refresh once.
type MemoryStore struct{ m *memory }

type memory struct {
	lock semaphore
	mu   sync.Mutex
	data *[]byte // as EncodeToken writes it; nil is no token; a pointer, which fmt does not follow
}

// NewMemoryStore returns an empty store.
func NewMemoryStore() *MemoryStore {
	return &MemoryStore{m: &memory{lock: newSemaphore()}}
}

// Load returns the grant or [ErrNoToken].
func (s *MemoryStore) Load(ctx context.Context) (*oauth2.Token, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.m.mu.Lock()
	data := s.m.data
	s.m.mu.Unlock()
	if data == nil {
		return nil, ErrNoToken
	}
	return DecodeToken(*data)
}

// Save waits for the lock and keeps a copy of the token.
func (s *MemoryStore) Save(ctx context.Context, token *oauth2.Token) error {
	return withLock(ctx, s, func(l Locked) error { return l.Save(ctx, token) })
}

// Delete waits for the lock and forgets the grant.
func (s *MemoryStore) Delete(ctx context.Context) error {
	return withLock(ctx, s, func(l Locked) error { return l.(*memoryLock).Delete(ctx) })
}

// Lock waits for the lock, which holds off those who share this store.
func (s *MemoryStore) Lock(ctx context.Context) (Locked, error) {
	if err := s.m.lock.acquire(ctx); err != nil {
		return nil, err
	}
	return &memoryLock{store: s}, nil
}

// String names the type and nothing that it holds.
func (s *MemoryStore) String() string { return "oauth.MemoryStore" }

// Format writes [MemoryStore.String] under every verb.
func (s *MemoryStore) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

type memoryLock struct {
	store *MemoryStore
	once  sync.Once
}

func (l *memoryLock) Load(ctx context.Context) (*oauth2.Token, error) { return l.store.Load(ctx) }

func (l *memoryLock) Save(ctx context.Context, token *oauth2.Token) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	data, err := EncodeToken(token)
	if err != nil {
		return err
	}
	l.set(&data)
	return nil
}

func (l *memoryLock) Delete(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l.set(nil)
	return nil
}

func (l *memoryLock) set(data *[]byte) {
	l.store.m.mu.Lock()
	defer l.store.m.mu.Unlock()
	l.store.m.data = data
}

func (l *memoryLock) Unlock() error {
	l.once.Do(l.store.m.lock.release)
	return nil
}

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

// semaphore is a lock that is held over I/O: waiting for it ends with the
// context, and counts as blocked in tests with fake time, unlike a sync.Mutex.
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
