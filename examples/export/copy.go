package main

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
	_ "modernc.org/sqlite"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/mirror"
)

// atATime is how many collections are read side by side. All of them pay the client's one rate limiter.
const atATime = 4

// copied is the copy of the person that a folder is for.
type copied struct {
	folder string
	lock   *flock.Flock
	db     *sql.DB
	person *mirror.Person
}

// openCopy opens the database in a folder, and makes both where there are none. An empty id is the sandbox's.
func openCopy(ctx context.Context, folder, id string) (*copied, error) {
	file, err := filepath.Abs(filepath.Join(folder, "oura.db"))
	if err == nil {
		err = os.MkdirAll(folder, 0o700) // health data is its owner's alone
	}
	if err != nil {
		return nil, err
	}
	c := &copied{folder: folder, lock: flock.New(filepath.Join(folder, ".lock"))}
	if ok, err := c.lock.TryLock(); err != nil || !ok {
		return nil, errors.Join(fmt.Errorf("another export is writing to %s", folder), err)
	}
	if err := c.open(ctx, file, cmp.Or(id, mirror.Sandbox)); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *copied) open(ctx context.Context, file, id string) error {
	private, err := os.OpenFile(file, os.O_CREATE, 0o600) // before SQLite makes it for everybody
	if err == nil {
		err = private.Close()
	}
	if err != nil {
		return err
	}
	at := url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(filepath.ToSlash(file), "/"), RawQuery: "_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)"}
	if c.db, err = sql.Open("sqlite", at.String()); err != nil {
		return err
	}
	// A run that was killed keeps its lease for that long; the next one waits for it.
	m, err := mirror.Open(ctx, c.db, mirror.SQLite, mirror.WithLease(3*time.Second))
	if err != nil {
		return err
	}
	people, err := m.People(ctx)
	if err != nil {
		return err
	}
	if len(people) > 0 && people[0] != id {
		return errors.New("the data in this folder are another person's: choose another folder, or remove this one")
	}
	c.person = m.Person(id)
	return nil
}

func (c *copied) close() {
	if c.db != nil {
		_ = c.db.Close()
	}
	_ = c.lock.Unlock()
}

// sync brings the copy to what the service has. A collection that fails does not keep the others from being read.
func (c *copied) sync(ctx context.Context, client *oura.Client, since oura.Date) (mirror.Report, error) {
	show := newBars(client.Collections(), since)
	report, err := c.person.Sync(ctx, client, mirror.Since(since), mirror.Parallel(atATime), mirror.Progress(show.page))
	show.finish(report, err)
	return report, err
}
