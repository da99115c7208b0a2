package oura_test

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/oura"
)

// fortnight serves daily sleep by day, three documents a page.
func fortnight(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	first, last := date(q.Get("start_date")), date(q.Get("end_date"))
	if t := q.Get("next_token"); t != "" {
		first = date(strings.TrimPrefix(t, "from "))
	}
	var docs []string
	next := ""
	for d := first; !d.After(last); d = d.AddDays(1) {
		if len(docs) == 3 {
			next = "from " + d.String()
			break
		}
		docs = append(docs, sleepDay(d.String(), d.String()))
	}
	answer(w, http.StatusOK, pageJSON(next, docs...))
}

func TestResumeGoesOnAfterEveryPage(t *testing.T) {
	t.Parallel()
	first, last := date("2026-01-01"), date("2026-04-10")
	var want []string
	for d := first; !d.After(last); d = d.AddDays(1) {
		want = append(want, d.String())
	}
	for name, opts := range map[string][]oura.DocumentOption{
		"one window": nil, "windows": {oura.Parallel(2)},
	} {
		for _, resumed := range []struct {
			name string
			opts []oura.DocumentOption
		}{{"one after the other", nil}, {"in parallel", []oura.DocumentOption{oura.Parallel(3)}}} {
			t.Run(name+" resumed "+resumed.name, func(t *testing.T) {
				t.Parallel()
				c, _ := scripted(t, fortnight)
				var before []string
				pages := 0
				for page, err := range c.DailySleep.Pages(t.Context(), append(opts, oura.Days(first, last))...) {
					if err != nil {
						t.Fatal(err)
					}
					pages++
					for _, d := range page.Data {
						before = append(before, d.ID)
					}
					if page.Next == "" {
						break
					}
					after, err := ids(t.Context(), c, append(resumed.opts, oura.Resume(page.Next))...)
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(want, append(slices.Clip(before), after...)); diff != "" {
						t.Fatalf("after page %d (-want +got):\n%s", pages, diff)
					}
				}
				if diff := cmp.Diff(want, before); diff != "" || pages < 30 {
					t.Errorf("%d pages (-want +got):\n%s", pages, diff)
				}
			})
		}
	}
}

func TestResumeOfATimeSeries(t *testing.T) {
	t.Parallel()
	start := time.Date(2025, 11, 1, 0, 0, 0, 123, time.FixedZone("", 3600))
	end := start.AddDate(0, 0, 100)
	var rows []time.Time
	for at := start; at.Before(end); at = at.Add(11 * time.Hour) {
		rows = append(rows, at)
	}
	p := &pulse{rows: rows, pageSize: 30, endsIn: true}
	c, _ := scripted(t, p.ServeHTTP)
	seen := 0
	for page, err := range c.HeartRate.Pages(t.Context(), oura.Between(start, end)) {
		if err != nil {
			t.Fatal(err)
		}
		seen += len(page.Data)
		if page.Next == "" {
			continue
		}
		rest, err := beats(t.Context(), c, oura.Resume(page.Next), oura.Parallel(2))
		if err != nil || len(rest) != len(rows)-seen || rest[0] != seen {
			t.Errorf("after %d rows: %d more, %v; want %d", seen, len(rest), err, len(rows)-seen)
		}
	}
	if seen != len(rows) {
		t.Errorf("%d rows, want %d", seen, len(rows))
	}
}

func TestResumeKeepsFields(t *testing.T) {
	t.Parallel()
	c, s := scripted(t, threePages)
	for page, err := range c.DailySleep.Pages(t.Context(), oura.Fields("score")) {
		if err != nil {
			t.Fatal(err)
		}
		if err := first(c.DailySleep.List(t.Context(), oura.Resume(page.Next))); err != nil {
			t.Error(err)
		}
		break
	}
	if diff := cmp.Diff(map[string][]string{"fields": {"score,id,day"}, "next_token": {"1"}}, map[string][]string(s.requests()[1].Query())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestResumeRefusesWhatIsNoCursor(t *testing.T) {
	t.Parallel()
	c, s := scripted(t, threePages)
	var cursor string
	for page, err := range c.DailySleep.Pages(t.Context(), oura.Days(date("2026-03-01"), date("2026-03-09"))) {
		if err != nil {
			t.Fatal(err)
		}
		cursor = page.Next
		break
	}
	sent := len(s.requests())
	refused := func(name string, err error, says string) {
		t.Helper()
		if !errors.Is(err, oura.ErrInvalidRequest) || !strings.Contains(fmt.Sprint(err), says) {
			t.Errorf("%s: got %v, want ErrInvalidRequest that says %q", name, err, says)
		}
	}
	refused("another collection", first(c.Sleep.List(t.Context(), oura.Resume(cursor))), "daily_sleep")
	refused("a time series", first(c.HeartRate.List(t.Context(), oura.Resume(cursor))), "daily_sleep")
	refused("Days beside it", first(c.DailySleep.List(t.Context(), oura.Resume(cursor), oura.Days(date("2026-03-01"), date("2026-03-01")))), "Days")
	refused("Fields beside it", first(c.DailySleep.List(t.Context(), oura.Fields("score"), oura.Resume(cursor))), "Fields")
	refused("twice", first(c.DailySleep.List(t.Context(), oura.Resume(cursor), oura.Resume(cursor))), "twice")
	refused("Between beside it", first(c.HeartRate.List(t.Context(), oura.Resume(cursor), oura.Between(time.Unix(1, 0), time.Unix(2, 0)))), "Between")
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		t.Fatal(err)
	}
	damaged := []string{"x", "?", "null", cursor[1:], cursor[:len(cursor)-1], cursor + "A", strings.ToUpper(cursor)}
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for i := range cursor { // by the lowest bit of each letter: those of the last one may be spare
		other := letters[strings.IndexByte(letters, cursor[i])^1]
		damaged = append(damaged, cursor[:i]+string(other)+cursor[i+1:])
	}
	for i := range raw {
		b := append([]byte(nil), raw...)
		b[i] ^= 0x10
		damaged = append(damaged, base64.RawURLEncoding.EncodeToString(b))
	}
	for _, d := range damaged {
		refused("damaged "+d, first(c.DailySleep.List(t.Context(), oura.Resume(d))), "cursor")
	}
	if n := len(s.requests()); n != sent {
		t.Errorf("%d requests were sent", n-sent)
	}
}

// A cursor may come from a stranger. It must not make a hundred thousand requests, nor go in circles.
func TestForgedCursorsAreBounded(t *testing.T) {
	t.Parallel()
	c, s := scripted(t, threePages)
	forged := func(payload string) string {
		b := append([]byte{1}, payload...)
		return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b)))
	}
	for payload, says := range map[string]string{
		`{"c":"heartrate","a":[-62000000000,0],"b":[-61999999999,0],"e":[253000000000,0]}`: "at most 79 years",
		`{"c":"heartrate","a":[0,0],"b":[1,0],"e":[9223372036854775807,0]}`:                "cursor",
		`{"c":"heartrate","a":[5,0],"b":[5,0]}`:                                            "cursor",
		`{"c":"heartrate","a":[5,0],"b":[4,0],"e":[9,0]}`:                                  "cursor",
		`{"c":"heartrate","a":[4,0],"b":[5,0],"e":[5,0]}`:                                  "cursor",
	} {
		err := first(c.HeartRate.List(t.Context(), oura.Resume(forged(payload))))
		if !errors.Is(err, oura.ErrInvalidRequest) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v, want ErrInvalidRequest that says %q", payload, err, says)
		}
	}
	long := oura.Between(time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if err := first(c.HeartRate.List(t.Context(), long)); !errors.Is(err, oura.ErrInvalidRequest) || !strings.Contains(err.Error(), "from 1900 to 2026") {
		t.Errorf("Between of 126 years: %v", err)
	}
	if n := len(s.requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}
