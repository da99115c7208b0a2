package oura

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/oura-go/sdk/internal/text"
)

// place is where a listing stands: before the page with this token in the window, with the rest of the range to come.
type place struct {
	window span
	token  string
	rest   span
}

// cursor is a place in a listing, between two pages. It holds all that the listing was asked for, so that another
// process can go on with nothing else at hand.
type cursor struct {
	Collection string   `json:"c"`
	Fields     []string `json:"f,omitempty"`
	From       *moment  `json:"a,omitempty"` // the current window
	To         *moment  `json:"b,omitempty"`
	End        *moment  `json:"e,omitempty"` // of the whole range, where windows follow
	Token      string   `json:"t,omitempty"` // of the next page in the window; empty: its first page
}

// moment is an instant as Unix seconds and nanoseconds: RFC 3339 ends with the year 9999, a range of days may not.
type moment [2]int64

func momentOf(t time.Time) *moment { return &moment{t.Unix(), int64(t.Nanosecond())} }

func (m *moment) time() time.Time { return time.Unix(m[0], m[1]).UTC() }

// cursorVersion is the first byte of the encoding.
const cursorVersion = 1

func newCursor(collection string, fields []string, at place) string {
	c := cursor{Collection: collection, Fields: fields, Token: at.token}
	if !at.window.isZero() {
		c.From, c.To = momentOf(at.window.from), momentOf(at.window.to)
	}
	if !at.rest.isZero() {
		c.End = momentOf(at.rest.to)
	}
	payload, _ := json.Marshal(c) // numbers and strings only: it cannot fail
	b := append([]byte{cursorVersion}, payload...)
	// The checksum is against damage on the way, not against forgery: a cursor gives no access that its bearer lacks.
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b)))
}

var errCursor = errors.New("Resume: the cursor is damaged; use the Next of a page as it is, or begin anew with a range")

// readCursor checks that the cursor is whole and belongs to the collection.
func readCursor(s, collection string) (fields []string, at place, err error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) < 1+4 {
		return nil, place{}, errCursor
	}
	if b[0] != cursorVersion {
		return nil, place{}, fmt.Errorf("Resume: the cursor has version %d, this module reads %d; begin anew with a range", b[0], cursorVersion)
	}
	b, sum := b[:len(b)-4], binary.BigEndian.Uint32(b[len(b)-4:])
	if crc32.ChecksumIEEE(b) != sum {
		return nil, place{}, errCursor
	}
	var c cursor
	if err := json.Unmarshal(b[1:], &c); err != nil {
		return nil, place{}, errCursor
	}
	if c.Collection != collection {
		return nil, place{}, fmt.Errorf("Resume: the cursor is of %s, not of %s; use it there", text.Clip(c.Collection, text.MaxName), collection)
	}
	at.token = c.Token
	if c.From != nil && c.To != nil {
		at.window = span{c.From.time(), c.To.time()}
		if c.End != nil {
			at.rest = span{c.To.time(), c.End.time()}
		}
		// A cursor may come from a stranger, through a web page.
		if !at.window.from.Before(at.window.to) || c.End != nil && !at.rest.from.Before(at.rest.to) {
			return nil, place{}, errCursor
		}
	}
	return c.Fields, at, nil
}
