package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"time"

	"github.com/oura-go/sdk/oura"
)

// exportPages goes on from a collection's files to the end, and tells how far through the range it is.
func exportPages(ctx context.Context, c oura.Collection, f *folder, w *files, at func(time.Time)) error {
	var from []oura.CollectionOption
	switch {
	case w.Cursor != "":
		from = append(from, oura.Resume(w.Cursor))
	case c.Dated:
		from = append(from, oura.Days(f.First, f.Last))
	case c.Series:
		from = append(from, oura.Between(f.From, f.To))
	}
	return write(w, c.Pages(ctx, from...), tableOf(c.Model), func(last any) {
		at(c.At(last))
	})
}

// write appends page after page. It goes on where the cursor of the last page points.
func write(w *files, pages iter.Seq2[oura.Page[any], error], columns *table, at func(last any)) error {
	for page, err := range pages {
		if err != nil {
			return err
		}
		next := progress{
			Done: page.Next == "", Cursor: page.Next, Pages: w.Pages + 1,
			Documents: w.Documents + len(page.Data), Rejected: w.Rejected + len(page.Errors),
		}
		parts, err := encode(page, columns, w.Sizes[1] == 0)
		if err != nil {
			return err
		}
		if err := w.append(next, parts); err != nil {
			return err
		}
		var last any
		if n := len(page.Data); n > 0 {
			last = page.Data[n-1]
		}
		at(last)
	}
	return nil
}

// encode is what a page adds to each file.
func encode(page oura.Page[any], columns *table, headings bool) (parts [len(suffixes)][]byte, err error) {
	var lines, rejected bytes.Buffer
	out := json.NewEncoder(&lines) // a line for each document
	out.SetEscapeHTML(false)
	for _, document := range page.Data {
		if err := out.Encode(document); err != nil {
			return parts, err
		}
	}
	for _, e := range page.Errors {
		if err := json.Compact(&rejected, e.Raw); err != nil {
			return parts, fmt.Errorf("a rejected document: %w", err)
		}
		rejected.WriteByte('\n')
	}
	table, err := columns.rows(reflect.ValueOf(page.Data), headings)
	return [...][]byte{lines.Bytes(), table, rejected.Bytes()}, err
}

// withheld reports whether the person has not shared the collection, which is no failure of the export.
func withheld(err error) bool {
	return errors.Is(err, oura.ErrMissingScope) || errors.Is(err, oura.ErrForbidden)
}
