package oauth

import (
	"context"
	"sync"
	"sync/atomic"

	"golang.org/x/oauth2"
)

// MemoryStore keeps a grant as long as the process lives: for tests, and for programs that have a store elsewhere. It
// is a [Store], [Locker] and [Deleter], and safe for concurrent use; [TokenSource] values that share one refresh once.
type MemoryStore struct{ m *memory }

type memory struct {
	lock semaphore
	data atomic.Pointer[[]byte] // as EncodeToken writes it; nil is no token; a pointer, which fmt does not follow
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
	data := s.m.data.Load()
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
	return withLock(ctx, s, func(l Locked) error { return l.(Deleter).Delete(ctx) })
}

// Lock waits for the lock, which holds off those who share this store.
func (s *MemoryStore) Lock(ctx context.Context) (Locked, error) {
	if err := s.m.lock.acquire(ctx); err != nil {
		return nil, err
	}
	return &memoryLock{store: s}, nil
}

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
	l.store.m.data.Store(&data)
	return nil
}

func (l *memoryLock) Delete(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	l.store.m.data.Store(nil)
	return nil
}

func (l *memoryLock) Unlock() error {
	l.once.Do(l.store.m.lock.release)
	return nil
}
