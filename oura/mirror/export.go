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
	e := &exporter{w: bufio.NewWriter(w)}
	e.head(p.userID, states)
	for _, path := range slices.Sorted(maps.Keys(states)) {
		k := kindOf(path)
		if k == nil { // a newer version has copied it
			k = &kind{path: path}
		}
		if err := e.collection(ctx, p, k); err != nil {
			return err
		}
	}
	if e.err == nil {
		e.err = e.w.Flush()
	}
	if e.err != nil {
		return fmt.Errorf("oura/mirror: write the export: %w", e.err)
	}
	return nil
}

// exporter keeps the first error of its writer.
type exporter struct {
	w   *bufio.Writer
	err error
}

func (e *exporter) head(userID string, states map[string]*state) {
	type copied struct {
		Since   string `json:"since,omitempty"`
		Read    string `json:"read,omitempty"`
		Missing string `json:"missing_scope,omitempty"`
	}
	all := map[string]copied{}
	for path, st := range states {
		all[path] = copied{Since: st.since, Read: st.reached, Missing: st.missing}
	}
	line, err := json.Marshal(struct {
		UserID      string            `json:"user_id"`
		Collections map[string]copied `json:"collections"`
	}{userID, all})
	if e.err == nil {
		e.err = err
	}
	e.write(line, []byte("\n"))
}

// collection writes what is stored under the name, be it documents or rows.
func (e *exporter) collection(ctx context.Context, p *Person, k *kind) error {
	for it, err := range p.everything(ctx, k) {
		if err != nil {
			return err
		}
		e.line(k.path, it.what, it.raw)
		if e.err != nil {
			return nil
		}
	}
	return nil
}

func (e *exporter) line(path, what string, raw []byte) {
	if bytes.ContainsAny(raw, "\r\n") { // between tokens, as text has them escaped
		var b bytes.Buffer
		if json.Compact(&b, raw) == nil {
			raw = b.Bytes()
		}
	}
	e.write([]byte(`{"collection":"`+path+`","`+what+`":`), raw, []byte("}\n"))
}

func (e *exporter) write(parts ...[]byte) {
	for _, part := range parts {
		if e.err == nil {
			_, e.err = e.w.Write(part)
		}
	}
}
