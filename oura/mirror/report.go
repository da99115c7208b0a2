package mirror

import (
	"slices"

	"github.com/oura-go/sdk/oura"
)

// Report is what a [Person.Sync] did. With an error it says what was done before.
type Report struct {
	Requests    int                // for the data; a repeated one counts each time
	Collections []CollectionReport // in the order in which they were read
}

// CollectionReport is what a Sync did with one collection. Of a time series, New counts rows that came in addition, and
// Changed and Gone days with other rows and without rows.
type CollectionReport struct {
	Collection   string // last segment of its path
	New          int
	Changed      int
	Gone         int
	Requests     int
	First, Last  oura.Date // the days that were read; zero where none were, and of collections without dates
	MissingScope string    // what the person has to grant, where that kept it from being read
	Shared       bool      // another Sync has read it meanwhile, and nothing was left to do
	Err          error     // what kept it from being read to the end
}

// Missing lists the scopes that the person has to grant for the rest, each once.
func (r Report) Missing() []string {
	var all []string
	for _, c := range r.Collections {
		if c.MissingScope != "" && !slices.Contains(all, c.MissingScope) {
			all = append(all, c.MissingScope)
		}
	}
	return all
}

// Changes is how much was new, changed and gone in all.
func (r Report) Changes() int {
	n := 0
	for _, c := range r.Collections {
		n += c.New + c.Changed + c.Gone
	}
	return n
}

// Status is where a Sync stands, for [Progress].
type Status struct {
	Collection string    // last segment of its path
	Day        oura.Date // the day reached; zero for collections without dates
	Share      float64   // of all that is to be read, 0 to 1: an estimate
	Requests   int       // until now
	Rows       int       // documents and rows read until now
}
