package oura

import (
	"slices"
	"time"
)

// MainSleep returns the night among one person's sleep documents of one day, and false where there is none. Several
// documents a day are normal, and the first is often a fragment: so a long sleep comes first, and among equals the
// longest. A rest and a deleted period are never the night.
func MainSleep(docs []Sleep) (Sleep, bool) {
	best := -1
	for i := range docs {
		if isSleep(docs[i]) && (best < 0 || longer(docs[i], docs[best])) {
			best = i
		}
	}
	if best < 0 {
		return Sleep{}, false
	}
	return docs[best], true
}

// Naps returns what one person slept on a day besides the night that [MainSleep] finds, in the order of its beginning. A
// rest is not sleep, and a deleted period is none.
func Naps(docs []Sleep) []Sleep {
	night, ok := MainSleep(docs)
	var naps []Sleep
	for _, d := range docs {
		if ok && d.ID == night.ID && d.BedtimeStart.Equal(night.BedtimeStart) {
			ok = false // one document is the night, also if documents have no ids
			continue
		}
		if isSleep(d) {
			naps = append(naps, d)
		}
	}
	slices.SortStableFunc(naps, func(a, b Sleep) int { return a.BedtimeStart.Compare(b.BedtimeStart) })
	return naps
}

// TotalSleep returns how long one person slept on a day, night and naps together, from the documents of that day. A rest
// and a deleted period do not count.
func TotalSleep(docs []Sleep) time.Duration {
	var total Seconds
	for _, d := range docs {
		if isSleep(d) {
			total += Or(d.TotalSleepDuration, 0)
		}
	}
	return total.Duration()
}

func isSleep(s Sleep) bool {
	kind := Or(s.Type, "")
	return kind != SleepTypeRest && kind != SleepTypeDeleted
}

// longer reports whether a is rather the night than b.
func longer(a, b Sleep) bool {
	if x, y := Or(a.Type, "") == SleepTypeLongSleep, Or(b.Type, "") == SleepTypeLongSleep; x != y {
		return x
	}
	return Or(a.TotalSleepDuration, a.TimeInBed) > Or(b.TotalSleepDuration, b.TimeInBed)
}

// CurrentRing returns the ring that the person wears, which is the one that was set up last: a person may have had
// several. Rings whose set-up is not known come last. It returns false where there is no ring.
func CurrentRing(rings []RingConfiguration) (RingConfiguration, bool) {
	if len(rings) == 0 {
		return RingConfiguration{}, false
	}
	return slices.MaxFunc(rings, func(a, b RingConfiguration) int {
		return Or(a.SetUpAt, time.Time{}).Compare(Or(b.SetUpAt, time.Time{}))
	}), true
}

// DayIsOver reports whether a civil day had ended at an instant, in the location of that instant: use the person's, as in
// time.Now().In(loc). Until then the documents of the day go on changing, so do not take them for final. A day ends at
// 04:00 of the next one, as that of activity does. The service may amend a day later still, when a ring synchronises
// late; see [Documents.Reconcile].
func DayIsOver(day Date, at time.Time) bool {
	return !at.Before(time.Date(day.Year, day.Month, day.Day+1, 4, 0, 0, 0, at.Location()))
}
