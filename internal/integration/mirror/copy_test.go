package mirror

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/mirror"
	"github.com/oura-go/sdk/oura/ouratest"
	"github.com/oura-go/sdk/webhook"
)

// rewritten is a client whose responses are changed on the way.
func (w *world) rewritten(change func(path, body string) string) *oura.Client {
	base := w.service.HTTPClient().Transport
	if base == nil {
		base = http.DefaultTransport
	}
	return w.user.Client(oura.WithLimiter(free{}), oura.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		r.URL.RawQuery = strings.TrimSuffix(r.URL.RawQuery, "&next_token=made-up") // the service does not know it
		resp, err := base.RoundTrip(r)
		if err != nil || !strings.Contains(r.URL.Path, "/usercollection/") {
			return resp, err
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		text := change(r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:], string(body))
		resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
		resp.Header.Del("Content-Length")
		return resp, err
	})}))
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Documents are stored as they came: properties that no model has, odd bytes, odd forms; and what does not fit its model
// is yielded as a DocumentError at its place.
func TestBytesAsTheyCame(t *testing.T) {
	t.Parallel()
	each(t, 3, func(w *world) {
		const odd = `{ "id":"odd","newer":{"a":[1.50,null]}, "day":"2026-03-11","score":"high","text":"\u0000 \ud800 ` + "\xff" + `"}`
		nameless := `{"day":"2026-13-45","score":12.0}`
		w.client = w.rewritten(func(path, body string) string {
			switch path {
			case "daily_sleep":
				return `{"data":[` + odd + `,` + nameless + `,null],"next_token":null}`
			case "heartrate":
				return `{"data":[{"timestamp":"2026-03-11T08:00:00Z","bpm":61.0,"source":"rest","newer":1},{"timestamp":"2026-03-11T08:00:00Z","bpm":"many","source":"rest"},{"bpm":1}]}`
			}
			return body
		})
		w.sync(mirror.Only("daily_sleep", "heartrate"))
		w.same()
		if r := w.sync(mirror.Only("daily_sleep", "heartrate")); r.Changes() != 0 {
			w.Errorf("changes where there are none: %+v", r)
		}
		var body []byte
		if err := w.QueryRow(`SELECT body FROM oura_mirror_documents WHERE id = 'odd'`).Scan(&body); err != nil || string(body) != odd {
			w.Errorf("stored %q, %v", body, err)
		}
		type newer struct {
			ID    string `json:"id"`
			Newer struct {
				A []*float64 `json:"a"`
			} `json:"newer"`
		}
		var good, bad int
		for doc, err := range mirror.Days[oura.DailySleep](w.Context(), w.me, w.today, w.today) { // those without a day
			var malformed *oura.DocumentError
			switch {
			case errors.As(err, &malformed):
				bad++
			case err != nil:
				w.Fatal(err)
			case oura.Or(doc.Score, 0) == 12:
				good++
			}
		}
		if good != 0 || bad != 2 { // null, and a day that does not exist
			w.Errorf("%d good and %d bad ones without a day", good, bad)
		}
		bad = 0
		for doc, err := range mirror.All[struct {
			oura.DailySleep
			Newer newer `json:"newer"`
		}](w.Context(), w.me) {
			if err != nil {
				bad++
			} else {
				w.Errorf("%+v is a model", doc)
			}
		}
		if bad != 3 {
			w.Errorf("%d malformed documents, want 3", bad)
		}
		var bpm []int
		bad = 0
		for hr, err := range mirror.Between[oura.HeartRate](w.Context(), w.me, noon.AddDate(0, 0, -2), noon) {
			if err != nil {
				bad++
				continue
			}
			bpm = append(bpm, hr.BPM)
		}
		if !slices.Equal(bpm, []int{61, 1}) || bad != 1 {
			w.Errorf("rows %v, %d malformed", bpm, bad)
		}
		for _, view := range []string{"oura_daily_sleep", "oura_heartrate"} { // what cannot be read is no error
			w.number(`SELECT count(*) FROM ` + view)
		}
		if n := w.number(`SELECT count(*) FROM oura_daily_sleep WHERE id = 'odd' AND score IS NULL`); n != 1 {
			w.Errorf("the odd document is %d times in its view", n)
		}
		var out bytes.Buffer
		if err := w.me.Export(w.Context(), &out, mirror.JSONLines); err != nil || !strings.Contains(out.String(), odd) {
			w.Errorf("the export lacks it: %v", err)
		}
		w.client = w.clientOf(w.user) // what has no day goes, too, when the service does not list it any more
		w.sync(mirror.Only("daily_sleep", "heartrate"), mirror.Whole(0))
		w.same()
	})
}

// Days and Between read what is asked for, typed, without a request, as often as one likes, and from within the loop.
func TestReading(t *testing.T) {
	t.Parallel()
	each(t, 80, func(w *world) {
		w.sync(mirror.Since(w.today.AddDays(-100)), mirror.Only("sleep", "heartrate", "ring_configuration"))
		n := len(w.service.Requests())
		first, last := w.today.AddDays(-75), w.today.AddDays(-2)
		nights := mirror.Days[oura.Sleep](w.Context(), w.me, first, last)
		for range 2 {
			all := collect(w, nights)
			if len(all) < 74 || all[0].Day != first || all[len(all)-1].Day != last || !slices.IsSortedFunc(all, func(a, b oura.Sleep) int { return a.Day.Compare(b.Day) }) {
				w.Fatalf("%d nights", len(all))
			}
		}
		w.SetMaxOpenConns(1)
		for _, err := range nights {
			if err != nil || len(collect(w, mirror.Days[oura.Sleep](w.Context(), w.me, first, first))) == 0 {
				w.Errorf("within the loop: %v", err)
			}
			break
		}
		from, to := noon.Add(-30*time.Hour), noon.Add(-2*time.Hour)
		rows := collect(w, mirror.Between[oura.HeartRate](w.Context(), w.me, from, to))
		if len(rows) < 1000 || rows[0].Timestamp.Before(from) || !rows[len(rows)-1].Timestamp.Before(to) {
			w.Errorf("%d rows", len(rows))
		}
		for _, err := range mirror.Between[oura.HeartRate](w.Context(), w.me, from, to) {
			if err != nil {
				w.Error(err)
			}
			break
		}
		if got := len(collect(w, mirror.All[oura.RingConfiguration](w.Context(), w.me))); got != 1 {
			w.Errorf("%d rings", got)
		}
		if got := w.requestsSince(n); len(got) != 0 {
			w.Errorf("requests: %v", got)
		}
		for name, seq := range map[string]func(func(error) bool){
			"a series":      errorsOf(mirror.Days[oura.HeartRate](w.Context(), w.me, first, last)),
			"documents":     errorsOf(mirror.Between[oura.Sleep](w.Context(), w.me, from, to)),
			"no collection": errorsOf(mirror.All[int](w.Context(), w.me)),
			"nobody":        errorsOf(mirror.All[oura.Sleep](w.Context(), w.mirror.Person("nobody"))),
			"no rows":       errorsOf(mirror.Between[oura.HeartRate](w.Context(), w.mirror.Person("nobody"), from, to)),
		} {
			failed := 0
			for err := range seq {
				failed++
				if err == nil || !strings.HasPrefix(err.Error(), "oura/mirror: ") {
					w.Errorf("%s: %v", name, err)
				}
			}
			if failed != 1 {
				w.Errorf("%s: %d errors", name, failed)
			}
		}
		w.exec(`UPDATE oura_mirror_series SET body = '[{'`)
		for err := range errorsOf(mirror.Between[oura.HeartRate](w.Context(), w.me, from, to)) {
			if err == nil || !strings.Contains(err.Error(), "Whole(0)") {
				w.Errorf("a damaged day: %v", err)
			}
		}
	})
}

func errorsOf[T any](seq func(func(T, error) bool)) func(func(error) bool) {
	return func(yield func(error) bool) {
		for _, err := range seq {
			if !yield(err) {
				return
			}
		}
	}
}

// The views have a column for each scalar, and what they say is what the typed reading says.
func TestViews(t *testing.T) {
	t.Parallel()
	each(t, 10, func(w *world) {
		w.sync()
		day := w.today.AddDays(-1)
		doc := collect(w, mirror.Days[oura.DailySleep](w.Context(), w.me, day, day))[0]
		var user, id, at string
		var score, deep int
		err := w.QueryRow(`SELECT user_id, id, CAST(day AS text), score, contributors_deep_sleep FROM oura_daily_sleep
			WHERE day = '`+day.String()+`'`).Scan(&user, &id, &at, &score, &deep)
		if err != nil || user != w.user.ID || id != doc.ID || at != day.String() || score != *doc.Score || deep != *doc.Contributors.DeepSleep {
			w.Errorf("%s %s %s %d %d: %v", user, id, at, score, deep, err)
		}
		for _, c := range w.client.Collections() {
			view := "oura_" + strings.ToLower(c.Path)
			want := `SELECT count(*) FROM oura_mirror_documents WHERE gone IS NULL AND collection = '` + c.Path + `'`
			if c.Series {
				want = `SELECT sum("rows") FROM oura_mirror_series WHERE collection = '` + c.Path + `'`
			}
			if got := w.number(`SELECT count(*) FROM ` + view); got != w.number(want) && c.Path != "rest_mode_period" {
				w.Errorf("%s has %d rows, want %d", view, got, w.number(want))
			}
			if err := w.readAll(view); err != nil {
				w.Errorf("%s: %v", view, err)
			}
		}
		total := 0
		for _, hr := range collect(w, mirror.Between[oura.HeartRate](w.Context(), w.me, day.In(time.UTC), day.AddDays(1).In(time.UTC))) {
			total += hr.BPM
		}
		if got := w.number(`SELECT sum(bpm) FROM oura_heartrate WHERE day = '` + day.String() + `' AND user_id = '` + w.user.ID + `'`); got != total {
			w.Errorf("the view adds up to %d, typed reading to %d", got, total)
		}
	})
}

// What the service sends in another type than the API has is null in a view, and fails no query.
func TestViewsOfOtherTypes(t *testing.T) {
	t.Parallel()
	each(t, 5, func(w *world) {
		w.client = w.rewritten(func(path, body string) string {
			if path != "daily_sleep" {
				return body
			}
			return strings.NewReplacer(`"score":`, `"score":"many","had":`, `"timestamp":`, `"timestamp":{"a":1},"at":`,
				`"deep_sleep":`, `"deep_sleep":81.5,"deep":`, `"efficiency":`, `"efficiency":[7],"of":`).Replace(body)
		})
		w.sync(mirror.Only("daily_sleep"))
		all := w.number(`SELECT count(*) FROM oura_daily_sleep`)
		if n := w.number(`SELECT count(*) FROM oura_daily_sleep WHERE score IS NULL AND timestamp IS NULL AND
			contributors_efficiency IS NULL AND contributors_deep_sleep = 82 AND day IS NOT NULL`); n != all || all == 0 {
			w.Errorf("%d of %d rows are as they should be", n, all)
		}
		if err := w.readAll("oura_daily_sleep"); err != nil {
			w.Error(err)
		}
	})
}

// readAll computes every column of every row.
func (w *world) readAll(view string) error {
	rows, err := w.Query(`SELECT * FROM ` + view)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		columns, err := rows.Columns()
		if err != nil || len(columns) < 4 {
			return fmt.Errorf("columns %v, %w", columns, err)
		}
	}
	return rows.Err()
}

// Whose data it is is compared before anything is written, and errors quote nothing.
func TestOtherPerson(t *testing.T) {
	t.Parallel()
	each(t, 3, func(w *world) {
		other := w.clientOf(w.service.AddUser("another"))
		_, sync := w.me.Sync(w.Context(), other)
		_, verify := w.me.Verify(w.Context(), other)
		apply := w.mirror.Apply(w.Context(), other, w.event(oura.EventTypeUpdate, oura.DataTypeSleep, "x"))
		for _, err := range []error{sync, verify, apply} {
			if !errors.Is(err, mirror.ErrOtherPerson) || strings.Contains(err.Error(), w.user.ID) {
				w.Errorf("got %v", err)
			}
		}
		for _, table := range w.tables() {
			if n := w.number(`SELECT count(*) FROM ` + table); n != 0 && table != "oura_mirror_meta" {
				w.Errorf("%s has %d rows", table, n)
			}
		}
		if got := w.requests(); len(got) != 0 {
			w.Errorf("requests: %v", got)
		}
		if n := len(w.service.Requests()); n != 1 {
			w.Errorf("the client was asked %d times whose it is", n)
		}
		w.service.FailOnce("personal_info", ouratest.ServerError(http.StatusNotFound)) // as the sandbox
		if _, err := w.me.Sync(w.Context(), w.client); !errors.Is(err, mirror.ErrOtherPerson) {
			w.Errorf("a client that is nobody's for a moment: %v", err)
		}
		w.service.FailOnce("personal_info", ouratest.Expired()) // it is asked again
		if _, err := w.me.Sync(w.Context(), w.client); !errors.Is(err, oura.ErrUnauthorized) {
			w.Errorf("a revoked grant: %v", err)
		}
		if _, err := w.me.Sync(w.Context(), nil); err == nil {
			w.Error("a nil client is taken")
		}
		if _, err := w.mirror.Person("").Sync(w.Context(), w.client); err == nil {
			w.Error("an empty id is taken")
		}
		if text := fmt.Sprintf("%v %+v %#v %v", w.me, w.me, w.me, w.mirror); strings.Contains(text, w.user.ID) {
			w.Errorf("printed: %s", text)
		}
	})
}

// tables lists all tables of the test's database.
func (w *world) tables() (all []string) {
	w.Helper()
	query := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
	if w.database.Dialect == mirror.PostgreSQL {
		query = `SELECT tablename FROM pg_tables WHERE schemaname = current_schema()`
	}
	rows, err := w.Query(query)
	if err != nil {
		w.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			w.Fatal(err)
		}
		all = append(all, name)
	}
	if len(all) != 5 || rows.Err() != nil {
		w.Fatalf("tables %v, %v", all, rows.Err())
	}
	return all
}

// Options that cannot be meant, and databases that cannot be used, are refused.
func TestRefused(t *testing.T) {
	t.Parallel()
	each(t, 1, func(w *world) {
		for name, opt := range map[string]mirror.SyncOption{
			"no such day": mirror.Since(oura.Date{Year: 2026, Month: 2, Day: 30}), "no such collection": mirror.Only("meal"),
			"no collection": mirror.Only(), "negative": mirror.Trailing(-1, 0), "too long": mirror.Trailing(0, 400), "no function": mirror.Progress(nil), "nil": nil,
		} {
			_, sync := w.me.Sync(w.Context(), w.client, opt)
			_, verify := w.me.Verify(w.Context(), w.client, opt)
			if sync == nil || verify == nil {
				w.Errorf("%s: %v, %v", name, sync, verify)
			}
		}
		for name, opt := range map[string]mirror.Option{
			"lease": mirror.WithLease(0), "patience": mirror.WithPatience(-1), "clock": mirror.WithClock(nil), "nil": nil,
		} {
			if _, err := mirror.Open(w.Context(), w.DB, w.database.Dialect, opt); err == nil {
				w.Errorf("%s is taken", name)
			}
		}
		if _, err := mirror.Open(w.Context(), nil, mirror.SQLite); err == nil {
			w.Error("no database")
		}
		if _, err := mirror.Open(w.Context(), w.DB, 0); err == nil || !strings.Contains(err.Error(), "Dialect(0)") {
			w.Errorf("no dialect: %v", err)
		}
		if got := fmt.Sprint(mirror.SQLite, mirror.PostgreSQL); got != "SQLite PostgreSQL" {
			w.Error(got)
		}
		if err := w.me.Export(w.Context(), io.Discard, 0); err == nil {
			w.Error("no format")
		}
		_, verify := w.me.Verify(w.Context(), w.client)
		for _, err := range []error{verify, w.me.Export(w.Context(), io.Discard, mirror.JSONLines), w.mirror.Apply(w.Context(), w.client, w.event("create", "sleep", "x"))} {
			if !errors.Is(err, mirror.ErrNoCopy) {
				w.Errorf("without a copy: %v", err)
			}
		}

		w.exec(`UPDATE oura_mirror_meta SET value = '2' WHERE name = 'version'`)
		if _, err := mirror.Open(w.Context(), w.DB, w.database.Dialect); !errors.Is(err, mirror.ErrNewerSchema) {
			w.Errorf("a newer schema: %v", err)
		}
		w.exec(`UPDATE oura_mirror_meta SET value = '1' WHERE name = 'version'`)
		w.exec(`UPDATE oura_mirror_meta SET value = 'of an older version' WHERE name = 'views'`)
		w.exec(`DROP VIEW oura_sleep`)
		w.opened()
		w.number(`SELECT count(*) FROM oura_sleep`)
		w.DB.Close()
		_, open := mirror.Open(w.Context(), w.DB, w.database.Dialect)
		_, sync := w.me.Sync(w.Context(), w.client)
		_, forget := w.me.Forget(w.Context())
		for _, err := range []error{open, sync, forget, errors.Join(w.mirror.Apply(w.Context(), w.client, w.event("create", "sleep", "x")))} {
			if err == nil || !strings.HasPrefix(err.Error(), "oura/mirror: ") {
				w.Errorf("a database that is gone: %v", err)
			}
		}
	})
}

// A database that goes away in the middle costs nothing but another Sync.
func TestDatabaseGoesAway(t *testing.T) {
	t.Parallel()
	each(t, 10, func(w *world) {
		pages := 0
		_, err := w.me.Sync(w.Context(), w.client, w.since(), mirror.Progress(func(mirror.Status) {
			if pages++; pages == 6 {
				w.DB.Close()
			}
		}))
		if err == nil || !strings.Contains(err.Error(), "see to the database") {
			w.Fatalf("got %v", err)
		}
		w.DB = w.database.open(w.TB)
		w.mirror = w.opened()
		w.me = w.mirror.Person(w.user.ID)
		w.sync()
		w.same()
	})
}

// Forget leaves no row of the person in any table and says how many went. Others keep theirs, and nothing that is under
// way brings the person back.
func TestForget(t *testing.T) {
	t.Parallel()
	each(t, 3, func(w *world) {
		other := w.service.AddUser("another")
		if _, err := w.mirror.Person(other.ID).Sync(w.Context(), w.clientOf(other), w.since(), mirror.Only("sleep", "heartrate")); err != nil {
			w.Fatal(err)
		}
		before := map[string]int{}
		for _, table := range w.tables() {
			before[table] = w.number(`SELECT count(*) FROM ` + table)
		}
		w.sync()
		want := 0
		for table, n := range before {
			want += w.number(`SELECT count(*) FROM `+table) - n
		}
		client, g := w.held(func(path string) bool { return strings.Contains(path, "daily_sleep") })
		done := make(chan error, 1)
		go func() { _, err := w.me.Sync(w.Context(), client); done <- err }()
		<-g.arrived
		n, err := w.me.Forget(w.Context())
		if err != nil || n != want || n < 20 {
			w.Errorf("%d rows went, want %d: %v", n, want, err)
		}
		close(g.open)
		if err := <-done; !errors.Is(err, mirror.ErrNoCopy) {
			w.Errorf("the Sync under way: %v", err)
		}
		if err := w.mirror.Apply(w.Context(), w.client, w.event("create", "sleep", "x")); !errors.Is(err, mirror.ErrNoCopy) {
			w.Errorf("an event: %v", err)
		}
		for table, n := range before {
			if got := w.number(`SELECT count(*) FROM ` + table); got != n {
				w.Errorf("%s has %d rows, want %d", table, got, n)
			}
		}
		if n, err := w.me.Forget(w.Context()); n != 0 || err != nil {
			w.Errorf("once more: %d, %v", n, err)
		}
		if people, err := w.mirror.People(w.Context()); err != nil || !slices.Equal(people, []string{other.ID}) {
			w.Errorf("people: %v, %v", people, err)
		}
	})
}

// Export holds everything, one JSON object a line.
func TestExport(t *testing.T) {
	t.Parallel()
	each(t, 5, func(w *world) {
		w.service.Fail("daily_spo2", ouratest.MissingScope())
		w.client = w.rewritten(func(_, body string) string { return strings.ReplaceAll(body, `,"`, ",\r\n\"") })
		w.sync()
		var out bytes.Buffer
		if err := w.me.Export(w.Context(), &out, mirror.JSONLines); err != nil {
			w.Fatal(err)
		}
		counts := map[string]int{}
		lines := bufio.NewScanner(&out)
		lines.Buffer(nil, 1<<20)
		for i := 0; lines.Scan(); i++ {
			var line struct {
				UserID      string `json:"user_id"`
				Collections map[string]struct {
					Since, Read string
					Missing     string `json:"missing_scope"`
				}
				Collection    string
				Document, Row json.RawMessage
			}
			if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
				w.Fatalf("line %d: %v", i, err)
			}
			if i == 0 {
				if line.UserID != w.user.ID || line.Collections["daily_spo2"].Missing != "spo2" || line.Collections["sleep"].Read != w.today.String() {
					w.Errorf("the first line says %+v", line)
				}
				continue
			}
			if len(line.Document)+len(line.Row) < 10 {
				w.Fatalf("line %d: %s", i, lines.Text())
			}
			counts[line.Collection]++
		}
		for _, c := range w.client.Collections() {
			want := w.number(`SELECT count(*) FROM oura_mirror_documents WHERE collection = '` + c.Path + `'`)
			if c.Series {
				want = w.number(`SELECT sum("rows") FROM oura_mirror_series WHERE collection = '` + c.Path + `'`)
			}
			if counts[c.Path] != want {
				w.Errorf("%s: %d lines, want %d", c.Path, counts[c.Path], want)
			}
		}
		if err := w.me.Export(w.Context(), failing{}, mirror.JSONLines); !errors.Is(err, io.ErrClosedPipe) {
			w.Errorf("a writer that fails: %v", err)
		}
	})
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// The handler applies events of those who have a copy, and accepts what no redelivery would mend.
func TestHandler(t *testing.T) {
	t.Parallel()
	each(t, 5, func(w *world) {
		w.sync(mirror.Only("sleep"))
		clients := 0
		handle := w.mirror.Handler(func(userID string) (*oura.Client, error) {
			if clients++; userID != w.user.ID {
				w.Errorf("asked for the client of somebody without a copy")
			}
			return w.client, nil
		})
		night := ouratest.Nap(w.today, ouratest.WithPerson("another"))
		w.user.Add(night)
		if err := handle(w.Context(), w.event("create", "sleep", night.ID)); err != nil || clients != 1 {
			w.Fatal(err)
		}
		w.same()
		stranger := w.event("create", "sleep", night.ID)
		stranger.UserID = "stranger"
		uncopied := w.event("create", "daily_sleep", "x")
		w.service.Fail("sleep", ouratest.MissingScope())
		nameless := w.event("update", "sleep", "")
		for _, ev := range []webhook.Event{stranger, uncopied, w.event("update", "sleep", night.ID), nameless} {
			if err := handle(w.Context(), ev); err != nil {
				w.Error(err)
			}
		}
		if err := w.mirror.Apply(w.Context(), w.client, nameless); !errors.Is(err, webhook.ErrMalformed) {
			w.Errorf("an event without the id of a document: %v, want ErrMalformed", err)
		}
		w.service.Fail("sleep", ouratest.ServerError())
		if err := handle(w.Context(), w.event("update", "sleep", night.ID)); !errors.Is(err, oura.ErrServer) {
			w.Errorf("a failure: %v", err)
		}
		broken := w.mirror.Handler(func(string) (*oura.Client, error) { return nil, io.ErrUnexpectedEOF })
		if err := broken(w.Context(), w.event("update", "sleep", night.ID)); !errors.Is(err, io.ErrUnexpectedEOF) {
			w.Errorf("no client: %v", err)
		}
	})
}

// A document that is a moment behind its event is waited for; one that never comes is taken for deleted.
func TestPatience(t *testing.T) {
	t.Parallel()
	each(t, 5, func(w *world) {
		w.sync(mirror.Only("sleep"))
		m := w.opened(mirror.WithPatience(20 * time.Second))
		night := ouratest.Nap(w.today, ouratest.WithPerson("another"))
		client, g := w.held(func(path string) bool { return strings.HasSuffix(path, night.ID) })
		done := make(chan error, 1)
		go func() { done <- m.Apply(w.Context(), client, w.event("create", "sleep", night.ID)) }()
		<-g.arrived // with a 404
		w.user.Add(night)
		close(g.open)
		if err := <-done; err != nil {
			w.Fatal(err)
		}
		w.same()

		w.user.Remove(night.ID)
		ctx, cancel := context.WithTimeout(w.Context(), 200*time.Millisecond) // too short for another try
		defer cancel()
		if err := m.Apply(ctx, w.client, w.event("update", "sleep", night.ID)); !errors.Is(err, oura.ErrNotFound) && ctx.Err() == nil {
			w.Errorf("a document that is not there yet: %v, want ErrNotFound", err)
		}
		if n := w.number("SELECT count(*) FROM oura_sleep WHERE id = '" + night.ID + "'"); n != 1 {
			w.Error("it was taken for deleted, although nobody had waited")
		}
	})
}

// Memory does not grow with the length of the copy: not in a Sync, not in reading, not in an export.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("it copies half a year")
	}
	w := newWorld(t, sqlite(t), 200)
	var highest uint64
	base := heap()
	watch := func(mirror.Status) { highest = max(highest, heap()) }
	w.sync(mirror.Since(w.today.AddDays(-200)), mirror.Only("heartrate"), mirror.Progress(watch))
	n := 0
	for _, err := range mirror.Between[oura.HeartRate](t.Context(), w.me, noon.AddDate(-1, 0, 0), noon) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n%20_000 == 0 {
			watch(mirror.Status{})
		}
	}
	if err := w.me.Export(t.Context(), io.Discard, mirror.JSONLines); err != nil {
		t.Fatal(err)
	}
	const limit = 3 << 20
	t.Logf("%d rows, %d bytes stored, heap at most %.1f MB above the beginning", n,
		w.number(`SELECT sum(length(body)) FROM oura_mirror_series`), float64(highest-min(base, highest))/1e6)
	if n < 200_000 || highest > base+limit {
		t.Errorf("%d rows, the heap grew from %d to %d", n, base, highest)
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
