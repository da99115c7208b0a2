package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	_ "modernc.org/sqlite"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/mirror"
)

// collections are what the pages show, and so what is copied. A night has its own series of heart rate and HRV, so none
// of the long time series is needed, and a first copy takes seconds.
var collections = []string{"sleep", "daily_sleep", "daily_readiness", "daily_activity", "workout"}

const (
	fresh = 5 * time.Minute // a copy that is older is brought up to date when a page is opened
	pause = time.Minute     // after a Sync that failed
	// A wait for the rate limit that does not fit into it fails at once, and says how long it would have been.
	patience = 5 * time.Minute
	moment   = 700 * time.Millisecond // for which a page waits for a Sync: most have ended then
)

// person is whoever is at a browser: a client of the service, and the copy of what it has said. Pages read the copy.
type person struct {
	client *oura.Client
	file   string
	db     *sql.DB
	mirror *mirror.Mirror

	mu     sync.Mutex
	now    standing
	next   time.Time     // when the copy is to be brought up to date
	ended  chan struct{} // closed when the Sync under way has ended; nil: there is none
	cancel context.CancelFunc
}

// standing is how a copy stands.
type standing struct {
	Me       *mirror.Person // nil until there is a whole copy
	db       *sql.DB        // with the views of the copy
	Busy     bool
	Progress mirror.Status
	At       time.Time // when it was last brought up to date
	Missing  []string  // scopes
	Err      error     // of the last Sync
}

// Percent is how much of the first copy is made.
func (s standing) Percent() int { return int(100 * s.Progress.Share) }

// Reached is what is copied at the moment; "" before the first page.
func (s standing) Reached() string {
	if s.Progress.Day.IsZero() {
		return ""
	}
	return fmt.Sprintf("%s up to %s", strings.ReplaceAll(s.Progress.Collection, "_", " "), s.Progress.Day.In(time.UTC).Format("2 January 2006"))
}

// openPerson opens the copy in the file, or makes it. Nothing is sent.
func openPerson(ctx context.Context, file string, client *oura.Client) (*person, error) {
	// Whoever else uses this machine has no business in it; SQLite gives the files beside it the same mode.
	f, err := os.OpenFile(filepath.Clean(file), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	_ = f.Close()
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(file)+"?_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)")
	if err != nil {
		return nil, err
	}
	p := &person{client: client, file: file, db: db, now: standing{db: db}}
	if err := p.look(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return p, nil
}

// look finds whose copy it is. A first one that was interrupted is not a whole one.
func (p *person) look(ctx context.Context) (err error) {
	if p.mirror, err = mirror.Open(ctx, p.db, mirror.SQLite); err != nil {
		return err
	}
	ids, err := p.mirror.People(ctx)
	if err != nil || len(ids) == 0 {
		return err
	}
	me := p.mirror.Person(ids[0])
	at, err := me.Synced(ctx)
	if err == nil && !at.IsZero() {
		p.now.Me, p.now.At, p.next = me, at, at.Add(fresh)
	}
	return err
}

// standing says how the copy stands, after it has begun to bring it up to date where that is due. The Sync goes on when
// the page is there, and ends with the program.
func (p *person) standing(ctx context.Context, a *app) standing {
	p.mu.Lock()
	unseen := p.now.Me == nil && p.now.Err != nil // it is the answer to the page that waited for the first copy
	if p.ended == nil && !unseen && time.Now().After(p.next) && a.ctx.Err() == nil {
		syncing, cancel := context.WithCancel(a.ctx)
		p.ended, p.cancel = make(chan struct{}), cancel
		a.syncs.Go(func() { p.sync(syncing) })
	}
	ended := p.ended
	p.mu.Unlock()
	if ended != nil {
		select {
		case <-ended:
		case <-time.After(moment):
		case <-ctx.Done():
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now
	now.Busy = p.ended != nil
	if p.now.Me == nil && !now.Busy && time.Now().After(p.next) {
		p.now.Err = nil // it is shown now, and the next page tries again
	}
	return now
}

// sync brings the copy up to date, and notes how that went.
func (p *person) sync(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	me, report, err := p.copy(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now.Err, p.now.Missing, p.next = err, report.Missing(), time.Now()
	var e *oura.Error
	switch {
	case err == nil:
		p.now.Me, p.now.At, p.next = me, p.next, p.next.Add(fresh)
	case errors.As(err, &e) && e.RetryAfter > 0:
		p.next = p.next.Add(e.RetryAfter)
	case p.now.Me != nil:
		p.next = p.next.Add(pause)
	}
	p.cancel()
	close(p.ended)
	p.ended = nil
}

func (p *person) copy(ctx context.Context) (*mirror.Person, mirror.Report, error) {
	p.mu.Lock()
	me := p.now.Me
	p.mu.Unlock()
	if me == nil {
		info, err := p.client.PersonalInfo(ctx)
		if errors.Is(err, oura.ErrNotFound) {
			info.ID, err = mirror.Sandbox, nil
		}
		if err != nil {
			return nil, mirror.Report{}, err
		}
		me = p.mirror.Person(info.ID)
	}
	report, err := me.Sync(ctx, p.client, mirror.Only(collections...), mirror.Parallel(len(collections)), mirror.Progress(func(s mirror.Status) {
		p.mu.Lock()
		p.now.Progress = s
		p.mu.Unlock()
	}))
	return me, report, err
}

// stop ends the Sync under way and closes the copy.
func (p *person) stop() error {
	p.mu.Lock()
	ended := p.ended
	if ended != nil {
		p.cancel()
	}
	p.mu.Unlock()
	if ended != nil {
		<-ended
	}
	return p.db.Close()
}

// forget removes the copy. Another process that has the file open sees that there is nothing in it any more.
func (p *person) forget(ctx context.Context) error {
	ids, err := p.mirror.People(ctx)
	for _, id := range ids {
		_, gone := p.mirror.Person(id).Forget(ctx)
		err = errors.Join(err, gone)
	}
	if err = errors.Join(err, p.stop()); err != nil {
		return err
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if gone := os.Remove(p.file + suffix); !errors.Is(gone, os.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}

// notShared is the error of a page whose data the person has not shared; nil where that is not so. Workouts are but a
// part of a page.
func (s standing) notShared() error {
	for _, scope := range s.Missing {
		if scope != oauth.ScopeWorkout {
			return notSharedError(scope)
		}
	}
	return nil
}

// days are the documents of a model, from the copy.
func days[T any](ctx context.Context, s standing, first, last oura.Date) ([]T, error) {
	return oura.Collect(mirror.Days[T](ctx, s.Me, first, last))
}
