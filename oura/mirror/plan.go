package mirror

import "github.com/oura-go/sdk/oura"

// plan estimates how much of a Sync is done. The unit is a page: one for the documents of a collection, and one for
// each day of a time series that is read.
type plan struct {
	weights map[string]float64
	parts   map[string]float64 // done, 0 to 1
	rows    int
	shown   float64 // never goes back, though the estimate may
}

func newPlan(chosen []oura.Collection, o syncOptions) plan {
	p := plan{weights: map[string]float64{}, parts: map[string]float64{}}
	for _, c := range chosen {
		p.weights[c.Path] = 1
		if c.Series {
			p.weights[c.Path] = float64(1 + o.series)
		}
	}
	return p
}

// reached notes the day that a pass has come to.
func (p *plan) reached(path string, st *state, day oura.Date, rows int) {
	p.rows += rows
	switch {
	case st.pass == 0: // it has just ended
		p.parts[path] = 1
		return
	case day.IsZero():
		return
	}
	first, last := st.days()
	all := float64(last.DaysSince(first) + 1)
	if p.weights[path] > 1 {
		p.weights[path] = max(p.weights[path], all)
	}
	p.parts[path] = max(p.parts[path], min(1, float64(day.DaysSince(first))/all))
}

func (p *plan) share() float64 {
	var done, all float64
	for path, weight := range p.weights {
		all += weight
		done += weight * p.parts[path]
	}
	p.shown = max(p.shown, done/max(all, 1))
	return p.shown
}
