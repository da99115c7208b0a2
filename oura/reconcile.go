package oura

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	jsonv2 "github.com/go-json-experiment/json"

	"github.com/oura-go/sdk/internal/decode"
)

// Known records which documents of one person and collection you have already seen: by key, the day and a fingerprint
// of each. Begin with Known{} and keep one for each person and collection, as JSON for instance, about 100 bytes a
// document. It is not safe for concurrent use.
//
// The key is the document's id, or "day:2026-03-01" in a collection whose documents may lack one, as those of
// [DailyCardiovascularAge] do. A fingerprint shows no values, but is made of health data: keep it as safe as those.
type Known map[string]Fingerprint

// Fingerprint tells whether a document has changed. It is a hash of the document as its model writes it, so properties
// that the model does not have do not count, and a version of this module with a changed model may tell every document
// as changed once.
type Fingerprint struct {
	Day  Date   `json:"day"` // zero if the document has none
	Hash string `json:"hash"`
}

// Forget drops what is known of documents before the day, so that Known does not grow for ever. Do not reach into the
// window of a later [Documents.Reconcile], which would tell those documents as new again.
func (k Known) Forget(before Date) {
	maps.DeleteFunc(k, func(_ string, f Fingerprint) bool { return !f.Day.IsZero() && f.Day.Before(before) })
}

// Change is one difference from what is known, as an event would report it, with the document.
type Change[T any] struct {
	Type     EventType // EventTypeCreate, EventTypeUpdate or EventTypeDelete
	Key      string    // in Known: the id, or the day of a document without one
	Day      Date      // the document's day; of a deleted one, the last that was known
	Document T         // zero for EventTypeDelete
}

// Reconcile reads the last days of the collection again and yields what differs from known: new documents as
// [EventTypeCreate], those whose content has changed as [EventTypeUpdate], and after them the known ones of these days
// that are gone as [EventTypeDelete]. Everything is new to an empty Known.
//
// It is for events that never came. Run it once a day over a week or two, beside the webhooks, and handle a change as
// you would handle the event:
//
//	known := load(user, "sleep") // an oura.Known; Known{} at first
//	for change, err := range client.Sleep.Reconcile(ctx, 14, known) {
//		if err != nil {
//			return err
//		}
//		if err := handle(change); err != nil {
//			return err
//		}
//	}
//	return save(user, "sleep", known)
//
// A change is written into known when the loop asks for the next one. So a change at which the loop was left is told
// again by the next Reconcile, and saving known after a failure is right, too. [Documents.Note] tells Known of
// documents that came in another way, so that they are not told again.
//
// The window has the given number of days and ends today, whatever the time zone of the person: a day more on both
// sides is read, because it may be tomorrow already where they are, or yesterday still. RingConfiguration has no days;
// all its documents are read, whatever the number.
//
// A document counts as gone when the whole window was read without it and then Get does not find it; if Get does, it
// has moved out of the window, which is a change like any other. One without an id is gone when its day has none.
//
// A request that failed ends the sequence, as in List, and a malformed document is yielded as a *[DocumentError], after
// which the sequence goes on; nothing counts as gone if it cannot be told which document that is. Arguments that cannot
// be right are an [ErrInvalidRequest] before any request.
func (d *Documents[T]) Reconcile(ctx context.Context, days int, known Known) iter.Seq2[Change[T], error] {
	switch {
	case known == nil:
		return failed[Change[T]](d.invalid("Reconcile: known is nil; begin with oura.Known{}"))
	case days < 1 || days > maxReconcileDays:
		return failed[Change[T]](d.invalid("Reconcile: a window of %d days; give 1 to %d", days, maxReconcileDays))
	}
	return func(yield func(Change[T], error) bool) {
		today := Today(time.UTC)
		r := reconciling[T]{
			Documents: d, known: known, yield: yield,
			first: today.AddDays(-days), last: today.AddDays(1), seen: map[string]bool{},
		}
		if r.listed(ctx) && !r.unsure {
			r.missing(ctx)
		}
	}
}

// reconciling is one pass of Reconcile.
type reconciling[T any] struct {
	*Documents[T]
	known       Known
	yield       func(Change[T], error) bool
	first, last Date
	seen        map[string]bool // keys in the response
	unsure      bool            // whether something in the response has no key that could be read
}

// listed reports what is new and changed to the caller. It reports whether the window was read to its end.
func (r *reconciling[T]) listed(ctx context.Context) bool {
	var window []DocumentOption
	if r.day != nil {
		window = []DocumentOption{Days(r.first, r.last)}
	}
	for doc, err := range r.List(ctx, window...) {
		if bad, ok := errors.AsType[*DocumentError](err); ok {
			key, ok := r.rawKey(bad.Raw)
			r.seen[key] = true
			r.unsure = r.unsure || !ok
		}
		if err != nil {
			if !r.yield(Change[T]{}, err) {
				return false
			}
			if _, ok := errors.AsType[*Error](err); ok {
				return false
			}
			continue
		}
		if !r.compare(doc) {
			return false
		}
	}
	return true
}

// compare yields a document that is new or changed, and reports whether to go on.
func (r *reconciling[T]) compare(doc T) bool {
	key, mark, err := r.fingerprint(doc)
	if err != nil {
		r.unsure = true
		return r.yield(Change[T]{}, err)
	}
	r.seen[key] = true
	was, ok := r.known[key]
	if ok && was == mark {
		return true
	}
	c := Change[T]{Type: EventTypeCreate, Key: key, Day: mark.Day, Document: doc}
	if ok {
		c.Type = EventTypeUpdate
	}
	if !r.yield(c, nil) {
		return false
	}
	r.known[key] = mark
	return true
}

// missing yields what was known of the window and is gone.
func (r *reconciling[T]) missing(ctx context.Context) {
	for _, key := range slices.Sorted(maps.Keys(r.known)) {
		day := r.known[key].Day
		outside := r.day != nil && (day.IsZero() || day.Before(r.first) || day.After(r.last))
		if outside || r.seen[key] {
			continue
		}
		if !strings.HasPrefix(key, byDay) {
			doc, err := r.Get(ctx, key)
			if err == nil {
				if !r.compare(doc) {
					return
				}
				continue
			}
			if !errors.Is(err, ErrNotFound) {
				r.yield(Change[T]{}, err)
				return
			}
		}
		if !r.yield(Change[T]{Type: EventTypeDelete, Key: key, Day: day}, nil) {
			return
		}
		delete(r.known, key)
	}
}

// maxReconcileDays is a year: more is no trailing window.
const maxReconcileDays = 366

// Note writes a document into known, as [Documents.Reconcile] does, and reports whether it is new or has changed. Call
// it with what [Client.Object] fetched after an event. The error is an [ErrInvalidRequest]: known is nil, or your own
// model has neither an id nor a day.
func (d *Documents[T]) Note(known Known, doc T) (changed bool, err error) {
	if known == nil {
		return false, d.invalid("Note: known is nil; begin with oura.Known{}")
	}
	key, mark, err := d.fingerprint(doc)
	if err != nil {
		return false, err
	}
	was, ok := known[key]
	known[key] = mark
	return !ok || was != mark, nil
}

// fingerprint returns the key of a document in Known and what goes there.
func (d *Documents[T]) fingerprint(doc T) (key string, mark Fingerprint, err error) {
	// Not v2, whose omitempty would leave out what is there and empty.
	body, err := json.Marshal(doc)
	if err != nil {
		return "", mark, d.invalid("Reconcile: a %T cannot be written as JSON; give the model fields that can", doc)
	}
	if d.day != nil {
		mark.Day = d.day(&doc)
	}
	key, ok := d.keyOf(body, mark.Day)
	if !ok {
		return "", mark, d.invalid("Reconcile: a document has neither id nor day; give the model an id, or NewDocuments a day function")
	}
	sum := sha256.Sum256(body)
	mark.Hash = hex.EncodeToString(sum[:16])
	return key, mark, nil
}

// rawKey is the key of a document that does not fit its model.
func (d *Documents[T]) rawKey(raw []byte) (key string, ok bool) {
	var text string
	if value, found := decode.Property(raw, d.key); found {
		_ = jsonv2.Unmarshal(value, &text, decode.Options) // not a text: no day
	}
	day, _ := ParseDate(text)
	if day.IsZero() && d.optionalID {
		return "", false
	}
	return d.keyOf(raw, day)
}

// byDay begins the key of a document that is told by its day.
const byDay = "day:"

// keyOf takes the id, unless documents of this collection may lack it: those that have one in some responses and none
// in others are told by their day.
func (d *Documents[T]) keyOf(document []byte, day Date) (key string, ok bool) {
	if !day.IsZero() && d.optionalID {
		return byDay + day.String(), true
	}
	var head struct {
		ID string `json:"id"`
	}
	if jsonv2.Unmarshal(document, &head, decode.Options) == nil && head.ID != "" {
		return head.ID, true
	}
	return byDay + day.String(), !day.IsZero()
}
