package mirror

import (
	"cmp"
	"context"
	"database/sql"
	"time"

	"github.com/oura-go/sdk/oura"
)

// state is how far one collection of a person is copied: a row of oura_mirror_copies.
type state struct {
	since    string // the first day of the copy; "" where nothing was read yet
	reached  string // the day on which the last complete pass began
	readPass int64  // its ticket
	readAt   int64  // when it began, in ms
	lookPass int64  // the ticket of the last look at the newest rows that found nothing new
	wholeAt  int64  // when the last complete pass over all days began, in ms
	missing  string // the scope for want of which the service refused

	// The pass under way. A pass that was interrupted goes on where it was.
	pass      int64  // the ticket that was drawn before its first request; 0: there is none
	first     string // the days it reads, both included
	last      string
	passAt    int64 // when it began, in ms
	passWhole bool
	cursor    string // where it stands: of documents the page to read next, of a series the day
}

// allRead is the cursor of a pass over documents that has read its last page, and not yet looked for what is gone.
const allRead = "gone"

func (s *state) begin(ticket int64, first, last oura.Date, at time.Time, whole bool) {
	s.pass, s.passAt, s.passWhole, s.cursor = ticket, at.UnixMilli(), whole, ""
	s.first, s.last = first.String(), last.String()
}

// finish ends the pass: the days are as the service listed them.
func (s *state) finish() {
	s.reached, s.readPass, s.readAt = oura.DateOf(time.UnixMilli(s.passAt).UTC()).String(), s.pass, s.passAt
	if s.passWhole {
		s.wholeAt, s.since = s.passAt, s.first
	}
	s.drop()
}

// drop ends the pass without a result.
func (s *state) drop() {
	s.pass, s.first, s.last, s.passAt, s.passWhole, s.cursor = 0, "", "", 0, false, ""
}

func (s *state) days() (first, last oura.Date) { return dateOf(s.first), dateOf(s.last) }

// place is the first day that a pass over a time series has not completed.
func (s *state) place() oura.Date { return dateOf(cmp.Or(s.cursor, s.first)) }

// dateOf reads a day as the tables have it.
func dateOf(s string) oura.Date {
	d, _ := oura.ParseDate(s) // "" is no day
	return d
}

// states reads what is known of all collections of a person.
func (d *database) states(ctx context.Context, person int64) (map[string]*state, error) {
	all := map[string]*state{}
	err := d.query(ctx, `SELECT collection, since, reached, read_pass, read_at, look_pass, whole_at, missing,
		pass, pass_first, pass_last, pass_at, pass_whole, cursor FROM oura_mirror_copies WHERE person = ?`,
		[]any{person}, func(rows *sql.Rows) error {
			var path string
			s := new(state)
			err := rows.Scan(&path, &s.since, &s.reached, &s.readPass, &s.readAt, &s.lookPass, &s.wholeAt, &s.missing,
				&s.pass, &s.first, &s.last, &s.passAt, &s.passWhole, &s.cursor)
			all[path] = s
			return err
		})
	return all, databaseError("read how far the copy is", err)
}

// save writes a state as a whole.
func (t *tx) save(person int64, path string, s *state) error {
	return t.exec(`INSERT INTO oura_mirror_copies (person, collection, since, reached, read_pass, read_at, look_pass, whole_at,
			missing, pass, pass_first, pass_last, pass_at, pass_whole, cursor) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (person, collection) DO UPDATE SET since = excluded.since, reached = excluded.reached,
			read_pass = excluded.read_pass, read_at = excluded.read_at, look_pass = excluded.look_pass, whole_at = excluded.whole_at, missing = excluded.missing,
			pass = excluded.pass, pass_first = excluded.pass_first, pass_last = excluded.pass_last,
			pass_at = excluded.pass_at, pass_whole = excluded.pass_whole, cursor = excluded.cursor`,
		person, path, s.since, s.reached, s.readPass, s.readAt, s.lookPass, s.wholeAt, s.missing,
		s.pass, s.first, s.last, s.passAt, s.passWhole, s.cursor)
}
