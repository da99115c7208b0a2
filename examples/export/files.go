package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// progress is how far a collection is. What the files hold beyond these sizes is of a page that was not finished.
type progress struct {
	Done      bool
	Cursor    string // of the next page; "" before the first
	Pages     int
	Documents int
	Rejected  int
	Sizes     [len(suffixes)]int64
}

// suffixes of the files of a collection, in the order of Sizes.
var suffixes = [...]string{jsonLines, commas, rejects}

const (
	jsonLines = ".jsonl"
	commas    = ".csv"
	rejects   = ".rejected.jsonl"
)

// files are those of one collection.
type files struct {
	progress
	state string
	open  [len(suffixes)]*os.File
}

// openFiles cuts off what an interrupted run has left behind its last finished page.
func openFiles(f *folder, name string) (*files, error) {
	w := &files{state: f.state(name)}
	text, err := os.ReadFile(w.state)
	if err == nil {
		err = json.Unmarshal(text, &w.progress)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s is damaged, use -restart: %w", w.state, err)
	}
	for i, suffix := range suffixes {
		if w.open[i], err = openAt(f.file(name+suffix), w.Sizes[i]); err != nil {
			return nil, errors.Join(err, w.close())
		}
	}
	return w, nil
}

// openAt opens a file to write on from the size.
func openAt(path string, size int64) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600) // health data is its owner's alone
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && info.Size() < size {
		err = fmt.Errorf("%s is shorter than it was, use -restart", path)
	}
	if err == nil {
		err = file.Truncate(size)
	}
	if err == nil {
		_, err = file.Seek(size, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// append writes what a page adds, and then that it is written. Only this order survives a crash in between: the page is
// read and written again.
func (w *files) append(next progress, parts [len(suffixes)][]byte) error {
	for i, part := range parts {
		next.Sizes[i] = w.Sizes[i] + int64(len(part))
		if len(part) == 0 {
			continue
		}
		if _, err := w.open[i].Write(part); err != nil {
			return err
		}
		if err := w.open[i].Sync(); err != nil {
			return err
		}
	}
	if err := writeJSON(w.state, next); err != nil {
		return err
	}
	w.progress = next
	return nil
}

// close removes the file of rejected documents if there are none.
func (w *files) close() error {
	var errs []error
	for i, file := range w.open {
		if file == nil {
			continue
		}
		errs = append(errs, file.Close())
		if w.Done && w.Sizes[i] == 0 && suffixes[i] == rejects {
			errs = append(errs, os.Remove(file.Name()))
		}
	}
	return errors.Join(errs...)
}
