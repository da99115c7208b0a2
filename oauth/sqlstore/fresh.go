package sqlstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/internal/wait"
	"github.com/oura-go/sdk/oauth"
)

// FreshReport is what [Store.KeepFresh] did.
type FreshReport struct {
	// Refreshed counts the users whose grant this call refreshed and saved.
	Refreshed int
	// Skipped counts those for whom there was nothing left to do: somebody else had refreshed the grant since it was
	// listed, was at it, or had deleted it.
	Skipped int
	// Errors holds what went wrong, by user id: [oauth.ErrReauthorize] where the grant is dead, which NeedConsent then
	// lists too; *[oauth.TokenError] and errors of the network or the database where the next call tries again. Of a
	// *[oauth.SaveError] the new grant is nowhere else: see [Store.KeepFresh].
	Errors map[string]error
}

// KeepFresh refreshes the grants whose access token ends within d, so that no request has to wait for that, and returns
// when it is done. Call it from time to time (say each hour, with d of two hours), in one process or in all: users whom
// one has, the others skip. ctx also gives the HTTP client ([oauth2.HTTPClient]), and opts are those of the token
// sources, such as [oauth.WithMovedFrom].
//
// At most workers refreshes are under way at once, each with a connection of the database; 0 is 8. What happens to one
// user is in the report and does not keep others from their turn. The error is about the call as a whole: the list
// could not be read; ctx ended; or the token endpoint refuses the application (invalid_client, unauthorized_client),
// asks to wait (429), or failed three times for each worker without a refresh between, in which case asking it for
// everybody else would only do harm. Any other 4xx counts against its user alone.
//
// A grant that was refreshed and cannot be saved is kept and saved again until ctx ends, which is what its worker then
// waits for. After that, its *[oauth.SaveError] holds the only copy: when the database is back, save that with
// [UserStore.Save]. Refreshes under way when ctx ends are brought to their end, 30 s at the most.
func (s *Store) KeepFresh(ctx context.Context, cfg *oauth2.Config, d time.Duration, workers int, opts ...oauth.Option) (*FreshReport, error) {
	const defaultWorkers = 8
	switch {
	case d <= 0:
		return nil, fmt.Errorf("oauth/sqlstore: KeepFresh: the time ahead is %s: it must be positive", d)
	case workers < 0:
		return nil, fmt.Errorf("oauth/sqlstore: KeepFresh: %d workers", workers)
	case workers == 0:
		workers = defaultWorkers
	}
	// Mistakes of the configuration are not each user's.
	if _, err := oauth.NewTokenSource(ctx, cfg, oauth.NewMemoryStore(), opts...); err != nil {
		return nil, err
	}
	listing, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	r := &freshRun{
		store: s, cfg: cfg, opts: opts, until: time.Now().Add(d), stop: stop, patience: 3 * workers,
		report: &FreshReport{Errors: map[string]error{}},
	}
	users := make(chan string)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for user := range users {
				r.note(user, r.refresh(ctx, user))
			}
		})
	}
	var failed error
	for g, err := range s.Expiring(listing, d) {
		if failed = err; err != nil {
			break
		}
		select {
		case users <- g.UserID:
		case <-listing.Done():
		}
		if listing.Err() != nil {
			break
		}
	}
	close(users)
	wg.Wait()
	return r.report, cmp.Or(context.Cause(listing), failed)
}

// freshRun is one call of KeepFresh.
type freshRun struct {
	store *Store
	cfg   *oauth2.Config
	opts  []oauth.Option
	until time.Time // tokens that end later are fresh

	mu       sync.Mutex
	report   *FreshReport
	stop     context.CancelCauseFunc
	patience int // failures in a row that end the call
	failures int // in a row
}

var errSkipped = errors.New("nothing to do")

// refresh returns nil if it refreshed the user's grant, and errSkipped if there was no need to.
func (r *freshRun) refresh(ctx context.Context, user string) error {
	u := r.store.For(user)
	token, revision, err := u.read(ctx, r.store.db)
	switch {
	case errors.Is(err, oauth.ErrNoToken):
		return errSkipped
	case err != nil:
		return err
	case token.Expiry.IsZero() || token.Expiry.After(r.until):
		return errSkipped
	}
	store := &freshStore{UserStore: u}
	source, err := oauth.NewTokenSource(ctx, r.cfg, store, r.opts...)
	if err != nil {
		return err
	}
	_, err = source.Refresh(ctx, token)
	var unsaved *oauth.SaveError
	for errors.As(err, &unsaved) && wait.Sleep(ctx, time.Second) == nil {
		_, again := source.Refresh(ctx, token)
		if again != nil && ctx.Err() != nil {
			break // what holds the grant counts, not that time is over
		}
		err = again
	}
	switch {
	case errors.Is(err, errHeld), errors.Is(err, oauth.ErrNoToken):
		return errSkipped
	case errors.Is(err, oauth.ErrReauthorize):
		return errors.Join(err, u.bury(ctx, cmp.Or(store.saved(), revision))) // of a grant that was taken along, too
	case err == nil && store.saved() == "":
		return errSkipped
	}
	return err
}

// bury marks a grant as dead, unless another one took its place.
func (u *UserStore) bury(ctx context.Context, revision string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer cancel()
	err := u.store.patiently(ctx, func() error {
		_, err := u.store.db.ExecContext(ctx, u.store.sql.bury, u.id, revision)
		return err
	})
	if err != nil {
		return databaseError("mark as dead", err)
	}
	return nil
}

// note writes the report, and ends the call when there is no use in going on.
func (r *freshRun) note(user string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err == nil:
		r.report.Refreshed++
		r.failures = 0
		return
	case errors.Is(err, errSkipped):
		r.report.Skipped++
		return
	}
	r.report.Errors[user] = err
	var answer *oauth.TokenError
	switch {
	case errors.Is(err, oauth.ErrReauthorize):
		r.failures = 0 // the endpoint works
		return
	case errors.Is(err, oauth.ErrWrongGrant), errors.Is(err, oauth.ErrSealed):
		return // nothing was asked
	case errors.As(err, &answer) && concernsApplication(answer):
		r.stop(fmt.Errorf("oauth/sqlstore: KeepFresh stopped: %w", err))
		return
	case answer != nil && answer.StatusCode >= 400 && answer.StatusCode < 500 && answer.StatusCode != http.StatusRequestTimeout:
		return // about this user's grant alone, as far as can be told
	}
	if r.failures++; r.failures == r.patience {
		r.stop(fmt.Errorf("oauth/sqlstore: KeepFresh stopped after %d failures in a row: %w", r.failures, err))
	}
}

// concernsApplication reports whether every user would get this response.
func concernsApplication(answer *oauth.TokenError) bool {
	return answer.StatusCode == http.StatusTooManyRequests ||
		answer.Code == "invalid_client" || answer.Code == "unauthorized_client"
}

// freshStore does not wait for the lock the first time, and knows what was saved. One goroutine uses it.
type freshStore struct {
	*UserStore
	locks []*lock
}

// Lock takes the lock if it is free. Later it waits: there is a grant to save.
func (s *freshStore) Lock(ctx context.Context) (oauth.Locked, error) {
	l, err := s.lock(ctx, len(s.locks) > 0)
	if err != nil {
		return nil, err
	}
	s.locks = append(s.locks, l)
	return l, nil
}

// saved is the revision of what was saved last, "" where nothing was.
func (s *freshStore) saved() string {
	for _, l := range slices.Backward(s.locks) {
		if l.saved != "" {
			return l.saved
		}
	}
	return ""
}
