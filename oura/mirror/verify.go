package mirror

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/oura-go/sdk/oura"
)

// Difference is one thing in which the copy is not what the service has.
type Difference struct {
	Collection string // last segment of its path
	Kind       DifferenceKind
	ID         string    // of the document; "" for a time series
	Day        oura.Date // of the document, or of the rows
}

// DifferenceKind says in which way the copy differs.
type DifferenceKind string

const (
	// Missing is in the service alone.
	Missing DifferenceKind = "missing"
	// Extra is in the copy alone.
	Extra DifferenceKind = "extra"
	// Stale is another in the copy than in the service.
	Stale DifferenceKind = "stale"
)

// String names the difference, without a value.
func (d Difference) String() string {
	parts := []string{string(d.Kind), d.Collection, d.ID}
	if !d.Day.IsZero() {
		parts = append(parts, d.Day.String())
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

// Verify reads all that is copied from the service again, changes nothing, and returns each difference. What the service
// has got since the last Sync is one, too, so call Sync first. Of the options, [Only] has a meaning here.
//
// It costs as many requests as the first copy. For each document of one collection it keeps a hash in memory.
func (p *Person) Verify(ctx context.Context, client *oura.Client, opts ...SyncOption) ([]Difference, error) {
	o, err := optionsOf(opts)
	if err != nil {
		return nil, err
	}
	if err := p.check(ctx, client); err != nil {
		return nil, err
	}
	chosen, err := o.chosen(client)
	if err != nil {
		return nil, err
	}
	person, err := p.number(ctx)
	if err != nil {
		return nil, err
	}
	states, err := p.mirror.states(ctx, person)
	if err != nil {
		return nil, err
	}
	v := &verifying{person: p, last: oura.DateOf(p.mirror.clock().UTC()).AddDays(1)}
	for _, c := range chosen {
		st, k := states[c.Path], kindOf(c.Path)
		if k == nil || st == nil || st.missing != "" || st.readPass == 0 {
			continue
		}
		v.collection, v.kind, v.since = c, k, dateOf(st.since)
		read := v.documents
		if k.series {
			read = v.series
		}
		if err := read(ctx); err != nil {
			return v.found, fmt.Errorf("oura/mirror: verify %s: %w", c.Path, err)
		}
	}
	return v.found, nil
}

type verifying struct {
	person      *Person
	collection  oura.Collection
	kind        *kind
	since, last oura.Date
	found       []Difference
}

func (v *verifying) report(kind DifferenceKind, id string, day oura.Date) {
	v.found = append(v.found, Difference{Collection: v.kind.path, Kind: kind, ID: id, Day: day})
}

type mark struct {
	day  string
	hash [sha256.Size]byte
}

func (v *verifying) documents(ctx context.Context) error {
	stored := map[string]mark{}
	var opts []oura.CollectionOption
	first, last := "", lastText
	if v.kind.dayKey != "" {
		first, last = v.since.String(), v.last.String()
		opts = append(opts, oura.Days(v.since, v.last))
	}
	for it, err := range v.person.stored(ctx, v.kind, first, last) {
		if err != nil {
			return err
		}
		stored[it.key] = mark{it.day, canonical(it.body)}
	}
	listed := map[string]mark{}
	for raw, err := range v.collection.ListJSON(ctx, opts...) {
		if bad, ok := errors.AsType[*oura.DocumentError](err); ok {
			raw, err = bad.Raw, nil
		}
		if err != nil {
			return err
		}
		it := itemOf(v.kind, raw)
		listed[it.key] = mark{it.day, canonical(raw)}
	}
	for _, key := range slices.Sorted(maps.Keys(listed)) {
		is := listed[key]
		had, ok := stored[key]
		switch {
		case !ok:
			v.report(Missing, key, dateOf(is.day))
		case had.hash != is.hash:
			v.report(Stale, key, dateOf(is.day))
		}
		delete(stored, key)
	}
	for _, key := range slices.Sorted(maps.Keys(stored)) {
		v.report(Extra, key, dateOf(stored[key].day))
	}
	return nil
}

// canonical is a hash of what a document says, however it is written.
func canonical(raw []byte) [sha256.Size]byte {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var value any
	if d.Decode(&value) == nil {
		if text, err := json.Marshal(value); err == nil {
			raw = text
		}
	}
	return sha256.Sum256(raw)
}

// series compares the days of a time series, as the service comes to them.
func (v *verifying) series(ctx context.Context) error {
	first := v.since
	for s, err := range stretches(ctx, v.collection, first, v.last.AddDays(1), v.person.userID == Sandbox) {
		if err != nil {
			return err
		}
		if err := v.compare(ctx, s.complete, first, s.until); err != nil {
			return err
		}
		first = s.until
	}
	return nil
}

// compare holds complete days, from first to before end, against the copy.
func (v *verifying) compare(ctx context.Context, listed []day, first, end oura.Date) error {
	if !first.Before(end) {
		return nil
	}
	bodies := map[oura.Date][]byte{}
	for _, d := range listed {
		bodies[d.at] = d.body()
	}
	for d, err := range v.person.storedDays(ctx, v.kind, first, end.AddDays(-1)) {
		if err != nil {
			return err
		}
		is, ok := bodies[d.at]
		switch {
		case !ok:
			v.report(Extra, "", d.at)
		case !bytes.Equal(is, d.body()) && canonical(is) != canonical(d.body()):
			v.report(Stale, "", d.at)
		}
		delete(bodies, d.at)
	}
	for _, at := range slices.SortedFunc(maps.Keys(bodies), oura.Date.Compare) {
		v.report(Missing, "", at)
	}
	return nil
}
