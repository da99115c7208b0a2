package mirror

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
)

// Format is a form in which a copy is handed over.
type Format int

// JSONLines is one JSON object a line, in UTF-8 as far as the service sent that:
//
//	{"user_id":"…","collections":{"sleep":{"since":"2026-01-01","read":"2026-03-12"}, …}}
//	{"collection":"daily_sleep","document":{ as the service sent it }}
//	{"collection":"heartrate","row":{ as the service sent it }}
//
// The first line says who it is and how far each collection was copied. Collections come in the order of their names,
// documents and rows in that of time.
const JSONLines Format = iota + 1

// Export writes everything that the copy has of the person, for them. It reads a little at a time; what a Sync changes
// meanwhile may be in it or not. Without a copy the error is [ErrNoCopy], and nothing is written.
func (p *Person) Export(ctx context.Context, w io.Writer, format Format) error {
	if format != JSONLines {
		return fmt.Errorf("oura/mirror: Export: Format(%d) is none: give mirror.JSONLines", int(format))
	}
	person, err := p.number(ctx)
	if err != nil {
		return err
	}
	states, err := p.mirror.states(ctx, person)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	if err := writeHead(out, p.userID, states); err != nil {
		return exportError(err)
	}
	for _, path := range slices.Sorted(maps.Keys(states)) {
		k := kindOf(path)
		if k == nil { // a newer version has copied it
			k = &kind{path: path}
		}
		for it, err := range p.everything(ctx, k) {
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(out, "{\"collection\":%q,%q:%s}\n", path, it.what, oneLine(it.raw)); err != nil {
				return exportError(err)
			}
		}
	}
	return exportError(out.Flush())
}

func exportError(err error) error {
	if err != nil {
		err = fmt.Errorf("oura/mirror: write the export: %w", err)
	}
	return err
}

// writeHead writes the first line.
func writeHead(out io.Writer, userID string, states map[string]*state) error {
	type copied struct {
		Since   string `json:"since,omitempty"`
		Read    string `json:"read,omitempty"`
		Missing string `json:"missing_scope,omitempty"`
	}
	all := map[string]copied{}
	for path, st := range states {
		all[path] = copied{Since: st.since, Read: st.reached, Missing: st.missing}
	}
	return json.NewEncoder(out).Encode(struct {
		UserID      string            `json:"user_id"`
		Collections map[string]copied `json:"collections"`
	}{userID, all})
}

// oneLine is a document without line breaks, which are between tokens, as text has them escaped.
func oneLine(raw []byte) []byte {
	if bytes.ContainsAny(raw, "\r\n") {
		var b bytes.Buffer
		if json.Compact(&b, raw) == nil {
			return b.Bytes()
		}
	}
	return raw
}
