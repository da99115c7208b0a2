package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/internal/wait"
	"github.com/oura-go/sdk/oauth"
)

// defaultLease is longer than a refresh may take, which is 30 s: should it end earlier, another process would send the
// refresh token that is being traded.
const defaultLease = 45 * time.Second

// longestBound is what a deadline far away comes to.
const longestBound = time.Hour

// Store keeps one grant for each user in the table oura_grants. It is safe for concurrent use, in any number of
// processes. Use one Store for a database in a process: its goroutines then wait for a user's lock without a connection
// each.
//
// It does not close its database and starts no goroutine of its own.
type Store struct {
	db     *sql.DB
	sql    *statements
	sealer *oauth.Sealer
	newest *oauth.Sealer // the sealer of the writing key alone
	lease  time.Duration
	turns  turns
}

// Option changes a [Store].
type Option func(*Store) error

// WithSealing keeps grants encrypted with AES-256-GCM and the user's id as additional data, so that a row put in
// another user's place does not open. Keys have 32 bytes; the first writes, older ones are read too. Keep them
// elsewhere than the database. [oauth.NewSealer] says more, and [Store.Reseal] how to end an old key.
//
// A grant that is kept in plain, or sealed with none of the keys, is then an [oauth.ErrSealed].
func WithSealing(key []byte, older ...[]byte) Option {
	return func(s *Store) (err error) {
		if s.sealer, err = oauth.NewSealer(key, older...); err != nil {
			return err
		}
		s.newest, err = oauth.NewSealer(key)
		return err
	}
}

// WithLease sets how long, on PostgreSQL, a holder of a user's lock may be silent before the server ends its session
// and frees the user: 45 s where it is not set. It must be longer than a refresh may take: 30 s, or less where the HTTP
// client of the token source has a shorter Timeout. A holder that outlives its lease loses nothing that it can still
// save. SQLite has no lease.
func WithLease(d time.Duration) Option {
	return func(s *Store) error {
		if d < time.Second || d > longestBound {
			return fmt.Errorf("oauth/sqlstore: WithLease(%s): it must be longer than a refresh takes, "+
				"a second at least and an hour at most", d)
		}
		s.lease = d
		return nil
	}
}

// New returns the store of a database that [Migrate] has prepared. It does no I/O.
func New(db *sql.DB, dialect Dialect, opts ...Option) (*Store, error) {
	if db == nil {
		return nil, errors.New("oauth/sqlstore: the database is nil")
	}
	statements, err := dialect.statements()
	if err != nil {
		return nil, err
	}
	s := &Store{db: db, sql: statements, lease: defaultLease, turns: turns{taken: map[string]chan struct{}{}}}
	for i, o := range opts {
		if o == nil {
			return nil, fmt.Errorf("oauth/sqlstore: option %d is nil; leave it out", i+1)
		}
		if err := o(s); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Format names the type and nothing that it holds, such as the database's password.
func (s *Store) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "sqlstore.Store") }

// For returns the store of one user's grant, under any id that the application gives: text without zero bytes, not
// empty, or every call is an error. The same user must have the same id everywhere. It does no I/O and costs next to
// nothing: make one where it is needed.
func (s *Store) For(userID string) *UserStore {
	u := &UserStore{store: s, id: userID, mark: rand.Text()}
	switch {
	case userID == "":
		u.err = errors.New("oauth/sqlstore: the user's id is empty")
	case !utf8.ValidString(userID) || strings.ContainsRune(userID, 0):
		u.err = errors.New("oauth/sqlstore: the user's id is not UTF-8 text, or holds a zero byte")
	}
	return u
}

// UserStore keeps one user's grant. It is an [oauth.Store], [oauth.Locker] and [oauth.Deleter], and safe for concurrent
// use.
type UserStore struct {
	store *Store
	id    string
	mark  string // what its locks write into the row before a refresh
	err   error  // of the id
}

// Load returns the user's grant or [oauth.ErrNoToken]. It waits for nobody.
func (u *UserStore) Load(ctx context.Context) (*oauth2.Token, error) {
	if u.err != nil {
		return nil, u.err
	}
	token, _, err := u.read(ctx, u.store.db)
	return token, err
}

// Format names the type and not the user, under every verb.
func (u *UserStore) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "sqlstore.UserStore") }

// queryer is a database or one of its connections.
type queryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// read returns the grant and its revision.
func (u *UserStore) read(ctx context.Context, from queryer) (*oauth2.Token, string, error) {
	data, revision, err := u.readRaw(ctx, from)
	if err != nil {
		return nil, "", err
	}
	if data, err = u.open(data); err != nil {
		return nil, "", err
	}
	token, err := oauth.DecodeToken(data)
	return token, revision, err
}

// open unseals what the table keeps, where it is sealed.
func (u *UserStore) open(data []byte) ([]byte, error) {
	if u.store.sealer == nil {
		return data, nil
	}
	return u.store.sealer.Open(data, []byte(u.id))
}

func (u *UserStore) readRaw(ctx context.Context, from queryer) (data []byte, revision string, err error) {
	err = u.store.patiently(ctx, func() error {
		return from.QueryRowContext(ctx, u.store.sql.load, u.id).Scan(&data, &revision)
	})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, "", oauth.ErrNoToken
	case err != nil:
		return nil, "", databaseError("load", err)
	case revision == "": // reserved by this transaction
		return nil, "", oauth.ErrNoToken
	}
	return data, revision, nil
}

// seal makes what the table keeps of an encoded token.
func (u *UserStore) seal(data []byte) (string, error) {
	if u.store.sealer == nil {
		return string(data), nil
	}
	data, err := u.store.sealer.Seal(data, []byte(u.id))
	return string(data), err
}

// patiently tries again what a busy database refuses, until ctx ends.
func (s *Store) patiently(ctx context.Context, do func() error) error {
	for failed := 0; ; failed++ {
		err := do()
		if err == nil || !s.sql.busy(err) {
			return err
		}
		if wait.Sleep(ctx, wait.Backoff(failed, time.Millisecond, 25*time.Millisecond)) != nil {
			return ctx.Err()
		}
	}
}

// failure is an error of the database, as against one of what it holds.
type failure struct {
	what string
	err  error
}

func databaseError(what string, err error) error { return &failure{what, err} }

// Error says what was tried.
func (f *failure) Error() string { return "oauth/sqlstore: " + f.what + ": " + f.err.Error() }

// Unwrap returns the driver's error.
func (f *failure) Unwrap() error { return f.err }
