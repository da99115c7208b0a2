package main

import (
	"context"
	"errors"
	"slices"

	"github.com/oura-go/sdk/oura"
)

// version is a document as it was fetched.
type version struct {
	id   string
	doc  any // nil: the service does not have it
	mark oura.Fingerprint
}

// keeps returns the collection of a client whose documents are kept, by their ids: one of civil days, that events
// report. Daily cardiovascular age is none, since its documents may lack the id, nor are the tags that Oura has
// deprecated.
func keeps(client *oura.Client, t oura.DataType) (oura.Collection, bool) {
	for _, c := range client.Collections() {
		if c.DataType == t && c.Dated && t != oura.DataTypeDailyCardiovascularAge && t != oura.DataTypeTag {
			return c, true
		}
	}
	return oura.Collection{}, false
}

func defaultDataTypes() []string {
	types := []string{
		string(oura.DataTypeDailyActivity), string(oura.DataTypeDailyReadiness), string(oura.DataTypeDailySleep),
		string(oura.DataTypeSleep), string(oura.DataTypeWorkout),
	}
	slices.Sort(types)
	return types
}

// fingerprint is the mark of a document that Client.Object returned.
func fingerprint(c oura.Collection, doc any) (oura.Fingerprint, error) {
	known := oura.Known{}
	if _, err := c.Note(known, doc); err != nil {
		return oura.Fingerprint{}, err
	}
	for _, mark := range known { // the one that is there
		return mark, nil
	}
	return oura.Fingerprint{}, errors.New("a document left no mark")
}

// differing calls save for what differs from known in the last days, and returns how many documents could not be read.
func differing(ctx context.Context, c oura.Collection, days int, known oura.Known, save func(version) error) (malformed int, err error) {
	for change, err := range c.Reconcile(ctx, days, known) {
		if _, ok := errors.AsType[*oura.DocumentError](err); ok {
			malformed++
			continue
		}
		if err != nil {
			return malformed, err
		}
		v := version{id: change.Key, doc: change.Document, mark: oura.Fingerprint{Day: change.Day}}
		if change.Type != oura.EventTypeDelete {
			if _, err := c.Note(known, change.Document); err != nil {
				return malformed, err
			}
			v.mark = known[change.Key]
		}
		if err := save(v); err != nil {
			return malformed, err
		}
	}
	return malformed, nil
}
