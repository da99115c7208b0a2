package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/oura-go/sdk/oura"
)

// version is a document as it was fetched.
type version struct {
	id   string
	doc  any // nil: the service does not have it
	mark oura.Fingerprint
}

// collection is what the fleet does with one type of data, whatever its model.
type collection struct {
	// fingerprint is the mark of a document that Client.Object fetched.
	fingerprint func(client *oura.Client, doc any) (oura.Fingerprint, error)
	// reconcile calls save for what differs from known, and returns how many documents could not be read.
	reconcile func(ctx context.Context, client *oura.Client, days int, known oura.Known, save func(version) error) (malformed int, err error)
}

// collections are the types that are stored. Daily cardiovascular age is not among them: its documents may lack the id
// that is the key here.
var collections = map[oura.DataType]collection{
	oura.DataTypeDailyActivity:   of(func(c *oura.Client) *oura.Documents[oura.DailyActivity] { return c.DailyActivity }),
	oura.DataTypeDailyReadiness:  of(func(c *oura.Client) *oura.Documents[oura.DailyReadiness] { return c.DailyReadiness }),
	oura.DataTypeDailyResilience: of(func(c *oura.Client) *oura.Documents[oura.DailyResilience] { return c.DailyResilience }),
	oura.DataTypeDailySleep:      of(func(c *oura.Client) *oura.Documents[oura.DailySleep] { return c.DailySleep }),
	oura.DataTypeDailySpO2:       of(func(c *oura.Client) *oura.Documents[oura.DailySpO2] { return c.DailySpO2 }),
	oura.DataTypeDailyStress:     of(func(c *oura.Client) *oura.Documents[oura.DailyStress] { return c.DailyStress }),
	oura.DataTypeEnhancedTag:     of(func(c *oura.Client) *oura.Documents[oura.EnhancedTag] { return c.EnhancedTag }),
	oura.DataTypeRestModePeriod:  of(func(c *oura.Client) *oura.Documents[oura.RestModePeriod] { return c.RestModePeriod }),
	oura.DataTypeSession:         of(func(c *oura.Client) *oura.Documents[oura.Session] { return c.Session }),
	oura.DataTypeSleep:           of(func(c *oura.Client) *oura.Documents[oura.Sleep] { return c.Sleep }),
	oura.DataTypeSleepTime:       of(func(c *oura.Client) *oura.Documents[oura.SleepTime] { return c.SleepTime }),
	oura.DataTypeVO2Max:          of(func(c *oura.Client) *oura.Documents[oura.VO2Max] { return c.VO2Max }),
	oura.DataTypeWorkout:         of(func(c *oura.Client) *oura.Documents[oura.Workout] { return c.Workout }),
}

func defaultDataTypes() []string {
	types := []string{
		string(oura.DataTypeDailyActivity), string(oura.DataTypeDailyReadiness), string(oura.DataTypeDailySleep),
		string(oura.DataTypeSleep), string(oura.DataTypeWorkout),
	}
	slices.Sort(types)
	return types
}

func of[T any](documents func(*oura.Client) *oura.Documents[T]) collection {
	return collection{
		fingerprint: func(client *oura.Client, doc any) (oura.Fingerprint, error) {
			typed, ok := doc.(*T)
			if !ok {
				return oura.Fingerprint{}, fmt.Errorf("a document came as %T", doc)
			}
			known := oura.Known{}
			if _, err := documents(client).Note(known, *typed); err != nil {
				return oura.Fingerprint{}, err
			}
			for _, mark := range known { // the one that is there
				return mark, nil
			}
			return oura.Fingerprint{}, errors.New("a document left no mark")
		},
		reconcile: func(ctx context.Context, client *oura.Client, days int, known oura.Known, save func(version) error) (malformed int, err error) {
			for change, err := range documents(client).Reconcile(ctx, days, known) {
				if _, ok := errors.AsType[*oura.DocumentError](err); ok {
					malformed++
					continue
				}
				if err != nil {
					return malformed, err
				}
				v := version{id: change.Key, mark: oura.Fingerprint{Day: change.Day}}
				if change.Type != oura.EventTypeDelete {
					v.doc = &change.Document
					if _, err := documents(client).Note(known, change.Document); err != nil {
						return malformed, err
					}
					v.mark = known[change.Key]
				}
				if err := save(v); err != nil {
					return malformed, err
				}
			}
			return malformed, nil
		},
	}
}
