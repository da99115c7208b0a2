package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/oura-go/sdk/oura"
)

// folder is where an export goes. Beside the data it has a folder .state, whose files say how far the data is good.
type folder struct {
	path string
	span
	lock *flock.Flock
}

// span is what is exported: that of the run that began it, wherever and whenever the later ones run.
type span struct {
	First, Last oura.Date // of documents, both included
	From, To    time.Time // of time series: the same days where the first run was
}

const stateFolder = ".state"

// openFolder begins an export or goes on with one.
func openFolder(s settings) (*folder, error) {
	f := &folder{path: s.folder, span: span{
		First: s.first, Last: s.last, From: s.first.In(time.Local), To: s.last.AddDays(1).In(time.Local),
	}}
	if err := os.MkdirAll(filepath.Join(s.folder, stateFolder), 0o700); err != nil {
		return nil, err
	}
	f.lock = flock.New(filepath.Join(s.folder, stateFolder, "lock"))
	if ok, err := f.lock.TryLock(); err != nil || !ok {
		return nil, errors.Join(fmt.Errorf("another export is writing to %s", s.folder), err)
	}
	if err := f.begin(s); err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

// begin writes the range down, or takes the one that is written.
func (f *folder) begin(s settings) error {
	if s.restart {
		states, err := filepath.Glob(f.state("*"))
		if err != nil {
			return err
		}
		for _, file := range append(states, f.file(personFile)) {
			if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
		}
	}
	text, err := os.ReadFile(f.state("export"))
	if errors.Is(err, os.ErrNotExist) {
		return writeJSON(f.state("export"), f.span)
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, &f.span); err != nil {
		return fmt.Errorf("%s is damaged, use -restart: %w", f.state("export"), err)
	}
	if f.Last.Before(f.First) {
		return fmt.Errorf("%s is damaged, use -restart: it ends before it begins", f.state("export"))
	}
	if s.fixed && (s.first != f.First || s.last != f.Last) {
		return fmt.Errorf("%s has %v to %v, not %v to %v: leave out -from and -to to go on with it, "+
			"or use -restart or another folder", f.path, f.First, f.Last, s.first, s.last)
	}
	return nil
}

func (f *folder) close() { _ = f.lock.Unlock() }

// state is the file that says how far a collection is.
func (f *folder) state(name string) string { return filepath.Join(f.path, stateFolder, name+".json") }

func (f *folder) file(name string) string { return filepath.Join(f.path, name) }

// writeJSON replaces a file as a whole: at no moment is there half of it.
func writeJSON(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	tmp, err := os.OpenFile(path+".tmp", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = tmp.Write(append(text, '\n'))
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
