package mirror

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/oura-go/sdk/oura"
)

// SyncOption is an option of [Person.Sync]. [Only] is one of [Person.Verify], too.
type SyncOption func(*syncOptions) error

type syncOptions struct {
	since     oura.Date // zero: as it was, or everything
	only      []string
	progress  func(Status)
	documents int // days of the trailing windows
	series    int
	whole     time.Duration
	late      time.Duration
	noWait    bool
	parallel  int
	every     time.Duration
	granted   []string // the scopes, sorted; nil: not given
	askAgain  bool
}

// firstDay is before the first ring was sold.
var firstDay = oura.Date{Year: 2015, Month: time.January, Day: 1}

const (
	longestTrail = 366
	mostParallel = 16
)

func optionsOf(opts []SyncOption) (syncOptions, error) {
	o := syncOptions{documents: 14, series: 3, late: time.Hour, whole: 30 * 24 * time.Hour, parallel: 1}
	return o, configure(&o, opts)
}

// configure has options change what they are for.
func configure[T any, O ~func(*T) error](what *T, opts []O) error {
	for _, opt := range opts {
		if opt == nil {
			return errors.New("oura/mirror: an option is nil; leave it out")
		}
		if err := opt(what); err != nil {
			return err
		}
	}
	return nil
}

// always is an option that cannot fail.
func always(set func(*syncOptions)) SyncOption {
	return func(o *syncOptions) error { set(o); return nil }
}

// Since begins the copy at the day, in place of 2015, when there were no rings. A day that is earlier than that of the
// copy so far extends it; a later one changes nothing. The copy of [Sandbox] always has all of its days.
func Since(day oura.Date) SyncOption {
	return func(o *syncOptions) error {
		if !day.Valid() {
			return fmt.Errorf("oura/mirror: Since(%v): there is no such day in the calendar", day)
		}
		o.since = day
		return nil
	}
}

// Only takes the named collections and leaves the others as they are. A name is the last segment of a collection's path,
// such as "daily_sleep", or that of the client's field, such as "DailySleep".
func Only(collections ...string) SyncOption {
	return func(o *syncOptions) error {
		if len(collections) == 0 {
			return errors.New("oura/mirror: Only(): name at least one collection, or leave it out")
		}
		o.only = append(o.only, collections...)
		return nil
	}
}

// Progress calls show after each page, never twice at a time. Sync waits for it.
func Progress(show func(Status)) SyncOption {
	return func(o *syncOptions) error {
		if show == nil {
			return errors.New("oura/mirror: Progress(nil): give a function, or leave it out")
		}
		o.progress = show
		return nil
	}
}

// Trailing sets how many days before the last Sync are read again, since the service still amends them and rings hand
// their data in late: 14 of documents and 3 of time series where it is not given. For time series, see [Late], too.
func Trailing(documents, series int) SyncOption {
	return func(o *syncOptions) error {
		if documents < 0 || series < 0 || documents > longestTrail || series > longestTrail {
			return fmt.Errorf("oura/mirror: Trailing(%d, %d): give 0 to %d days", documents, series, longestTrail)
		}
		o.documents, o.series = documents, series
		return nil
	}
}

// Whole reads a collection again from its first day where that was last done so long ago: 30 days where it is not given.
// It finds what changed before the trailing window and no event told. 0 does it now; a negative duration never.
func Whole(every time.Duration) SyncOption {
	return always(func(o *syncOptions) { o.whole = every })
}

// Parallel reads n collections side by side, 1 to 16, each with one request at a time and one page in memory: 1 where it is
// not given. It shortens a first copy, where most of the time is that of the service.
func Parallel(n int) SyncOption {
	return func(o *syncOptions) error {
		if n < 1 || n > mostParallel {
			return fmt.Errorf("oura/mirror: Parallel(%d): give 1 to %d", n, mostParallel)
		}
		o.parallel = n
		return nil
	}
}

// Every makes Sync do nothing, not even a request, where one that began less than d ago has returned nil: for pages that
// are opened again and again, and for jobs on several replicas. The report is empty then. See [Mirror.Due], too.
func Every(d time.Duration) SyncOption {
	return func(o *syncOptions) error {
		if d <= 0 {
			return fmt.Errorf("oura/mirror: Every(%s): give a time, or leave it out", d)
		}
		o.every = d
		return nil
	}
}

// NoWait makes Sync return [ErrBusy] at once where another one of the person is under way.
func NoWait() SyncOption { return always(func(o *syncOptions) { o.noWait = true }) }

// Late reads the trailing window of a time series again though its newest rows are those of the copy, where that was last
// done so long ago: an hour where it is not given. 0 does it each time; a negative duration never.
//
// One request compares the newest rows, some hours of heart rate. If a single one is new, changed or gone, the trailing
// window is read, as a ring that hands in late rows hands in newer ones, too. So Late matters to rows that come late and
// alone; and three days of heart rate are about four requests, as a page has 1,000 rows. A window of few rows, as of
// battery levels, is one request anyway, and always read.
func Late(every time.Duration) SyncOption {
	return always(func(o *syncOptions) { o.late = every })
}

// Granted says which scopes the person's grant has, as oauth.GrantedScopes returns them. Collections of other scopes are
// reported as missing without being asked for. When it is not what the last Sync was told, the person has consented
// anew, and what was missing is asked for again.
func Granted(scopes ...string) SyncOption {
	return always(func(o *syncOptions) {
		o.granted = make([]string, len(scopes))
		for i, s := range scopes {
			o.granted[i] = strings.TrimPrefix(s, "extapi:")
		}
		slices.Sort(o.granted)
		o.granted = slices.Compact(o.granted)
	})
}

// AskAgain asks for what was refused for want of a scope, as after a new consent. With [Granted] it is not needed.
func AskAgain() SyncOption { return always(func(o *syncOptions) { o.askAgain = true }) }

// chosen are the collections that Only names, or all.
func (o *syncOptions) chosen(client *oura.Client) ([]oura.Collection, error) {
	all := client.Collections()
	if len(o.only) == 0 {
		return all, nil
	}
	var chosen []oura.Collection
	for _, name := range o.only {
		k, err := kindNamed("Only", name)
		if err != nil {
			return nil, err
		}
		is := func(c oura.Collection) bool { return c.Path == k.path }
		if i := slices.IndexFunc(all, is); !slices.ContainsFunc(chosen, is) {
			chosen = append(chosen, all[i])
		}
	}
	return chosen, nil
}
