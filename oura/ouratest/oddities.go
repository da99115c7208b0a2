package ouratest

import (
	"bytes"
	"encoding/json"
	"iter"
	"math/rand/v2"
	"time"

	"github.com/oura-go/sdk/internal/person"
)

// late is a time series of which every third hour appears only after a delay, when later rows have long been there: the
// ring had kept them. The delay of a row counts from its own time.
func late(rows person.Set, delay time.Duration, now func() time.Time) person.Set {
	return func(from time.Time) iter.Seq[person.Item] {
		return func(yield func(person.Item) bool) {
			at := now()
			for row := range rows(from) {
				if row.At.UTC().Hour()%3 == 1 && row.At.Add(delay).After(at) {
					continue
				}
				if !yield(row) {
					return
				}
			}
		}
	}
}

// unknownProperty is one that no version of the SDK knows, as the service adds some without notice.
const unknownProperty = `,"made_up":{"value":1,"list":[null,"a"]}}`

// withUnknown adds the property to about every third document or row, always the same ones, and to what has no instant.
func withUnknown(doc json.RawMessage, at time.Time) json.RawMessage {
	seed := uint64(at.Unix())                                       //nolint:gosec // G115: the sign does not matter
	if !at.IsZero() && rand.New(rand.NewPCG(seed, 0)).IntN(3) > 0 { //nolint:gosec // G404: it is no secret
		return doc
	}
	return append(bytes.TrimSuffix(doc, []byte("}")), unknownProperty...)
}
