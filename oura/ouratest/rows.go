package ouratest

import (
	"iter"
	"time"

	"github.com/oura-go/sdk/oura"
)

// rows is a time series of one person from a first day until now.
type rows struct {
	first   time.Time
	now     func() time.Time
	between func(from, to time.Time) iter.Seq[item]
}

func heartRateRows(p *person, first time.Time, now func() time.Time, opts []DataOption) rows {
	r := newRecipe(opts)
	return rows{first, now, func(from, to time.Time) iter.Seq[item] {
		return itemsOf(r.heartRates(p, from, to), func(v oura.HeartRate) time.Time { return v.Timestamp })
	}}
}

func batteryRows(p *person, first time.Time, now func() time.Time, opts []DataOption) rows {
	r := newRecipe(opts)
	return rows{first, now, func(from, to time.Time) iter.Seq[item] {
		return itemsOf(r.batteryLevels(p, from, to), func(v oura.RingBatteryLevel) time.Time { return v.Timestamp })
	}}
}

func itemsOf[T any](seq iter.Seq[T], at func(T) time.Time) iter.Seq[item] {
	return func(yield func(item) bool) {
		for v := range seq {
			if !yield(item{at: at(v), build: func() any { return v }}) {
				return
			}
		}
	}
}

func (s rows) from(t time.Time) iter.Seq[item] {
	if t.Before(s.first) {
		t = s.first
	}
	return s.between(t, s.now())
}

func (s rows) get(string) (item, bool) { return item{}, false }

func (s rows) latest(t time.Time) (item, bool) {
	var last item
	found := false
	for it := range s.between(t.Add(-oneDay), t) {
		last, found = it, true
	}
	return last, found
}
