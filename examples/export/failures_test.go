package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/oura-go/sdk/oura"
)

// TestFolderKeepsItsRange: a range that cannot be is refused before the folder is there, and another one is not ignored.
func TestFolderKeepsItsRange(t *testing.T) {
	t.Parallel()
	day := func(d int) oura.Date { return oura.Date{Year: 2026, Month: time.March, Day: d} }
	folder := filepath.Join(t.TempDir(), "export")
	if err := run(t.Context(), settings{folder: folder, first: day(9), last: day(2), fixed: true}); err == nil || !strings.Contains(err.Error(), "exchange") {
		t.Errorf("reversed: %v", err)
	}
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the reversed range has made the folder: %v", err)
	}
	open := func(last int, fixed, restart bool) error {
		f, err := openFolder(settings{folder: folder, first: day(2), last: day(last), fixed: fixed, restart: restart})
		if err == nil {
			defer f.close()
			if f.Last != day(9) && !restart {
				err = fmt.Errorf("it goes to %v", f.Last)
			}
		}
		return err
	}
	if err := errors.Join(open(9, true, false), open(9, true, false), open(12, false, false)); err != nil {
		t.Error(err)
	}
	if err := open(12, true, false); err == nil || !strings.Contains(err.Error(), "-restart") {
		t.Errorf("a later end is ignored: %v", err)
	}
	if err := open(12, true, true); err != nil {
		t.Error(err)
	}
}

// TestFailuresAlike: what all collections say is said once, with what helps.
func TestFailuresAlike(t *testing.T) {
	t.Parallel()
	var results []result
	for i := range 17 {
		results = append(results, result{name: fmt.Sprint("c", i), err: &oura.Error{StatusCode: 401, Detail: "expired", Path: fmt.Sprint("/", i)}})
	}
	results = append(results, result{name: "other", err: &oura.Error{StatusCode: 503, Path: "/x"}})
	err := summary(results)
	if err == nil || strings.Count(err.Error(), "\n") != 1 || !strings.Contains(err.Error(), "c16") || !errors.Is(err, oura.ErrUnauthorized) {
		t.Errorf("got %v", err)
	}
	if got := cure(results[0].err); !strings.Contains(got, "sign in") {
		t.Errorf("advice at a 401: %s", got)
	}
}

// TestCodesAreNoNumbers: no reader that guesses types from the text of a cell, inside or outside quotes, takes a coded
// string for a number, a date or a truth value.
func TestCodesAreNoNumbers(t *testing.T) {
	t.Parallel()
	codes := strings.Repeat("1", 288)
	for _, documents := range []any{
		[]oura.Sleep{{SleepPhase5Min: &codes, SleepPhase30Sec: &codes, Movement30Sec: &codes}},
		[]oura.DailyActivity{{Class5Min: &codes}},
	} {
		v := reflect.ValueOf(documents)
		text, err := tableOf(v.Type().Elem()).rows(v, true)
		if err != nil {
			t.Fatal(err)
		}
		records, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for i, name := range records[0] {
			cell := records[1][i]
			if !strings.Contains(cell, codes) {
				continue
			}
			found++
			if _, err := strconv.ParseFloat(cell, 64); err == nil || !strings.HasPrefix(cell, "codes:1") {
				t.Errorf("%s is %.20s…", name, cell)
			}
		}
		if found == 0 {
			t.Errorf("%s has no codes", v.Type())
		}
	}
}
