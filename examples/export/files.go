package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"reflect"

	"github.com/oura-go/sdk/oura"
)

// sum is what the files of a collection have.
type sum struct {
	name      string
	documents int
	malformed int    // of them, those that are in JSON alone
	size      uint64 // of the files, in bytes
}

// document is one as the service sent it, and a pointer to its model; nil where it does not fit that.
type document struct {
	raw   json.RawMessage
	value any
}

// write makes the files of every collection, and of the days.
func (c *copied) write(ctx context.Context, s settings, collections []oura.Collection) ([]sum, error) {
	var all []sum
	for _, of := range collections {
		one, err := c.writeFiles(of.Path, of.Model, c.documents(ctx, s, of))
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	one, err := c.writeFiles("days", reflect.TypeFor[day](), c.days(ctx, s))
	return append(all, one), err
}

// documents yields those of the collection that are to be written.
func (c *copied) documents(ctx context.Context, s settings, of oura.Collection) iter.Seq2[document, error] {
	return func(yield func(document, error) bool) {
		for raw, err := range c.person.ListJSON(ctx, of.Path) {
			if err != nil {
				yield(document{}, err)
				return
			}
			value, err := of.Decode(raw)
			if err != nil {
				value = nil
			} else if !s.has(of.At(value), of.Series) {
				continue
			}
			if !yield(document{raw, value}, nil) {
				return
			}
		}
	}
}

// writeFiles writes documents in every format, each file at once: at no moment is there half of one.
func (c *copied) writeFiles(name string, model reflect.Type, documents iter.Seq2[document, error]) (s sum, err error) {
	s.name = name
	path := filepath.Join(c.folder, name)
	err = replace(path+".jsonl", func(lines *os.File) error {
		return replace(path+".csv", func(commas *os.File) error {
			return replace(path+".parquet", func(typed *os.File) error {
				s.documents, s.malformed, err = writeAll(lines, commas, typed, columnsOf(model), documents)
				for _, file := range []*os.File{lines, commas, typed} {
					size, failed := file.Seek(0, io.SeekCurrent)
					s.size += uint64(size) //nolint:gosec // a place in a file is not negative
					err = errors.Join(err, failed)
				}
				return err
			})
		})
	})
	return s, err
}

func writeAll(lines, commas, typed io.Writer, columns []column, documents iter.Seq2[document, error]) (n, malformed int, err error) {
	jsonl, tables := bufio.NewWriter(lines), [...]interface {
		write(document reflect.Value) error
		close() error
	}{newCSV(commas, columns), newParquet(typed, columns)}
	var line bytes.Buffer
	for d, err := range documents {
		if err != nil {
			return n, malformed, err
		}
		n++
		line.Reset()
		if err := json.Compact(&line, d.raw); err != nil {
			return n, malformed, err
		}
		line.WriteByte('\n')
		if _, err := jsonl.Write(line.Bytes()); err != nil {
			return n, malformed, err
		}
		if d.value == nil {
			malformed++
			continue
		}
		for _, t := range tables {
			if err := t.write(reflect.ValueOf(d.value)); err != nil {
				return n, malformed, err
			}
		}
	}
	return n, malformed, errors.Join(jsonl.Flush(), tables[0].close(), tables[1].close())
}

// replace writes a file beside its place and moves it there when it is whole.
func replace(path string, write func(*os.File) error) error {
	file, err := os.OpenFile(path+".tmp", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err = errors.Join(write(file), file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
