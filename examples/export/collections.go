package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"time"

	"github.com/oura-go/sdk/oura"
)

// collection is one of the exported ones. run goes on from its files to the end, and tells how far through the range
// it is.
type collection struct {
	name string
	run  func(ctx context.Context, f *folder, w *files, at func(time.Time)) error
}

// collections are all that the API has, but for the person.
func collections(c *oura.Client) []collection {
	return []collection{
		documents("daily_activity", c.DailyActivity, func(d oura.DailyActivity) oura.Date { return d.Day }),
		documents("daily_cardiovascular_age", c.DailyCardiovascularAge, func(d oura.DailyCardiovascularAge) oura.Date { return d.Day }),
		documents("daily_readiness", c.DailyReadiness, func(d oura.DailyReadiness) oura.Date { return d.Day }),
		documents("daily_resilience", c.DailyResilience, func(d oura.DailyResilience) oura.Date { return d.Day }),
		documents("daily_sleep", c.DailySleep, func(d oura.DailySleep) oura.Date { return d.Day }),
		documents("daily_spo2", c.DailySpO2, func(d oura.DailySpO2) oura.Date { return d.Day }),
		documents("daily_stress", c.DailyStress, func(d oura.DailyStress) oura.Date { return d.Day }),
		documents("enhanced_tag", c.EnhancedTag, func(d oura.EnhancedTag) oura.Date { return d.StartDay }),
		series("heartrate", c.HeartRate, func(h oura.HeartRate) time.Time { return h.Timestamp }),
		documents("rest_mode_period", c.RestModePeriod, func(d oura.RestModePeriod) oura.Date { return d.StartDay }),
		series("ring_battery_level", c.RingBatteryLevel, func(l oura.RingBatteryLevel) time.Time { return l.Timestamp }),
		undated("ring_configuration", c.RingConfiguration),
		documents("session", c.Session, func(d oura.Session) oura.Date { return d.Day }),
		documents("sleep", c.Sleep, func(d oura.Sleep) oura.Date { return d.Day }),
		documents("sleep_time", c.SleepTime, func(d oura.SleepTime) oura.Date { return d.Day }),
		documents("tag", c.Tag, func(d oura.Tag) oura.Date { return d.Day }),
		documents("vO2_max", c.VO2Max, func(d oura.VO2Max) oura.Date { return d.Day }),
		documents("workout", c.Workout, func(d oura.Workout) oura.Date { return d.Day }),
	}
}

func documents[T any](name string, d *oura.Documents[T], day func(T) oura.Date) collection {
	return collection{name, func(ctx context.Context, f *folder, w *files, at func(time.Time)) error {
		from := oura.Days(f.First, f.Last)
		if w.Cursor != "" {
			from = oura.Resume(w.Cursor)
		}
		return write(w, d.Pages(ctx, from), func(last T) { at(day(last).In(time.UTC)) })
	}}
}

// undated is documents for a collection that has no dates.
func undated[T any](name string, d *oura.Documents[T]) collection {
	return collection{name, func(ctx context.Context, _ *folder, w *files, _ func(time.Time)) error {
		var from []oura.DocumentOption
		if w.Cursor != "" {
			from = append(from, oura.Resume(w.Cursor))
		}
		return write(w, d.Pages(ctx, from...), func(T) {})
	}}
}

func series[T any](name string, s *oura.TimeSeries[T], instant func(T) time.Time) collection {
	return collection{name, func(ctx context.Context, f *folder, w *files, at func(time.Time)) error {
		from := oura.Between(f.From, f.To)
		if w.Cursor != "" {
			from = oura.Resume(w.Cursor)
		}
		return write(w, s.Pages(ctx, from), func(last T) { at(instant(last)) })
	}}
}

// write appends page after page. It goes on where the cursor of the last page points.
func write[T any](w *files, pages iter.Seq2[oura.Page[T], error], at func(last T)) error {
	columns := tableOf[T]()
	for page, err := range pages {
		if err != nil {
			return err
		}
		next := progress{
			Done: page.Next == "", Cursor: page.Next,
			Documents: w.Documents + len(page.Data), Rejected: w.Rejected + len(page.Errors),
		}
		parts, err := encode(page, columns, w.Sizes[1] == 0)
		if err != nil {
			return err
		}
		if err := w.append(next, parts); err != nil {
			return err
		}
		if len(page.Data) > 0 {
			at(page.Data[len(page.Data)-1])
		}
	}
	return nil
}

// encode is what a page adds to each file.
func encode[T any](page oura.Page[T], columns *table, headings bool) (parts [len(suffixes)][]byte, err error) {
	var lines, rejected bytes.Buffer
	out := json.NewEncoder(&lines) // a line for each document
	out.SetEscapeHTML(false)
	for _, document := range page.Data {
		if err := out.Encode(document); err != nil {
			return parts, err
		}
	}
	for _, e := range page.Errors {
		if err := json.Compact(&rejected, e.Raw); err != nil {
			return parts, fmt.Errorf("a rejected document: %w", err)
		}
		rejected.WriteByte('\n')
	}
	table, err := columns.rows(reflect.ValueOf(page.Data), headings)
	return [...][]byte{lines.Bytes(), table, rejected.Bytes()}, err
}

// withheld reports whether the person has not shared the collection, which is no failure of the export.
func withheld(err error) bool {
	return errors.Is(err, oura.ErrMissingScope) || errors.Is(err, oura.ErrForbidden)
}
