package oauth

import (
	"context"

	"golang.org/x/oauth2"
)

// Store keeps one grant. It must keep what [EncodeToken] writes: a plain json.Marshal of the token loses its scope and
// token URL.
//
// Load returns [ErrNoToken] when there is no grant, and only then: a grant that is there and cannot be read is another
// error. Save returns when the token is safe. Load and Save are called from many goroutines. A store should have
// [Locker] where several processes share the grant, and [Deleter].
//
// Save of a store that also is a Locker waits for the lock, so that a grant saved after a new consent is not
// overwritten by a refresh under way.
type Store interface {
	Load(ctx context.Context) (*oauth2.Token, error)
	Save(ctx context.Context, token *oauth2.Token) error
}

// Locker is optional: it holds other processes off during a refresh. A wrapper that hides it loses that protection.
//
// Lock waits until it has the lock or ctx ends. The context bounds the wait alone: the lock outlives it until Unlock (a
// transaction begun with it would be rolled back while the response of a refresh is on its way).
type Locker interface {
	Lock(ctx context.Context) (Locked, error)
}

// Locked is a lock that is held. Its Load and Save run under it (in SQL, in its transaction, with a lease longer than
// the 30 s that a refresh may take); those of the store would wait for it. Where it is a [Deleter] too, [Disconnect]
// deletes under it.
//
// Unlock ends it. An error of Unlock after a Save counts as a failed Save.
type Locked interface {
	Store
	Unlock() error
}

// Deleter is optional; [Disconnect] needs it. Delete of a grant that is not there is no error.
type Deleter interface {
	Delete(ctx context.Context) error
}
