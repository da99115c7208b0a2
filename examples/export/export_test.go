package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
)

func TestInterruptedExportGivesTheSameFiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	folder := t.TempDir()
	output, total, err := w.export(t, folder, 0, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	want := read(t, folder)
	if len(want) != 3*19+1 || !strings.Contains(output, "documents, ") {
		t.Fatalf("%d files, want three of each collection and of the days, and the person:\n%s", len(want), output)
	}
	if n := strings.Count(want["daily_activity.jsonl"], "\n"); n != 37 {
		t.Fatalf("%d days of activity, want 37", n)
	}
	if !strings.Contains(want["daily_resilience.jsonl"], "2026-02-30") || strings.Contains(want["daily_resilience.csv"], "2026-02-30") ||
		!strings.Contains(output, "1 do not fit the model") || !strings.Contains(output, "38 do not fit the model") {
		t.Fatalf("the malformed documents are not in JSON alone:\n%s", output)
	}

	const points = 3
	for name, signal := range map[string]os.Signal{"SIGINT": os.Interrupt, "kill -9": os.Kill} {
		if signal == os.Interrupt && runtime.GOOS == "windows" {
			continue // one process cannot send it to another there
		}
		for point := 1; point <= points; point++ {
			stopAt := total * point / (points + 1)
			t.Run(fmt.Sprintf("%s at request %d of %d", name, stopAt, total), func(t *testing.T) {
				t.Parallel()
				folder := t.TempDir()
				output, _, err := w.export(t, folder, stopAt, signal)
				if err == nil {
					t.Fatalf("the export was not interrupted:\n%s", output)
				}
				var exit *exec.ExitError
				if signal == os.Interrupt && (!errors.As(err, &exit) || exit.ExitCode() != 130) {
					t.Fatalf("the interrupted export ended with %v:\n%s", err, output)
				}
				// What a process leaves that ends while it writes a file.
				if err := os.WriteFile(filepath.Join(folder, "sleep.csv.tmp"), []byte(strings.Repeat("half a line ", 1e5)), 0o600); err != nil {
					t.Fatal(err)
				}
				output, rest, err := w.export(t, folder, 0, nil)
				if err != nil {
					t.Fatalf("resumed: %v\n%s", err, output)
				}
				if names := differing(read(t, folder), want); len(names) > 0 {
					t.Errorf("these files are not those of an uninterrupted export: %q", names)
				}
				// What was read to its end is looked at once more, which costs an early one what it has saved.
				if point > 1 && rest >= total {
					t.Errorf("the resumed export made %d requests, as many as a whole one, %d: it began anew", rest, total)
				}
			})
		}
	}
}

// An export that is made again reads what is new, and a range is one of the files alone.
func TestExportAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	folder := t.TempDir()
	output, total, err := w.export(t, folder, 0, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	want := read(t, folder)
	output, requests, err := w.export(t, folder, 0, nil, "-from", "2026-03-02", "-to", "2026-03-04")
	if err != nil || requests > total/2 {
		t.Errorf("%d requests of %d, %v\n%s", requests, total, err, output)
	}
	records, err := csv.NewReader(strings.NewReader(read(t, folder)["days.csv"])).ReadAll()
	if err != nil || len(records) != 4 || records[1][0] != "2026-03-02" || records[3][0] != "2026-03-04" {
		t.Errorf("three days have %d rows, %v", len(records)-1, err)
	}
	for i, name := range records[0] {
		if empty := name == "stress_high"; (records[1][i] == "") != empty && name != "vo2_max" {
			t.Errorf("%s is %q", name, records[1][i])
		}
	}
	if output, _, err := w.export(t, folder, 0, nil); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if names := differing(read(t, folder), want); len(names) > 0 {
		t.Errorf("these files have changed: %q", names)
	}
}

func TestFolderIsForOnePerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	folder := t.TempDir()
	if output, _, err := w.export(t, folder, 0, nil); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	before := read(t, folder)
	w.token = w.service.AddUser("b").Token().AccessToken
	output, requests, err := w.export(t, folder, 0, nil)
	if err == nil || !strings.Contains(output, "another person's") || requests != 1 {
		t.Errorf("%v after %d requests, want to be refused after one:\n%s", err, requests, output)
	}
	if diff := cmp.Diff(before, read(t, folder)); diff != "" {
		t.Errorf("the files have changed:\n%s", diff)
	}
}

// What is withheld or fails is said, and keeps nothing else from being written.
func TestFailures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.service.Fail("daily_spo2", ouratest.MissingScope())
	w.service.Fail("workout", ouratest.ServerError())
	folder := t.TempDir()
	output, _, err := w.export(t, folder, 0, nil)
	if err == nil || !strings.Contains(output, "withheld: the scope spo2") || !strings.Contains(output, "failed, see below") ||
		!strings.Contains(output, "run the same command again") {
		t.Errorf("%v\n%s", err, output)
	}
	for line := range strings.Lines(output) {
		if len([]rune(line)) > 81 && !strings.HasPrefix(line, "oura/mirror: workout: ") && !strings.Contains(line, folder) {
			t.Errorf("wider than a terminal: %q", line)
		}
	}
	if n := strings.Count(read(t, folder)["daily_sleep.jsonl"], "\n"); n != 37 {
		t.Errorf("%d days of sleep, want 37", n)
	}
	w.service.Fail("personal_info", ouratest.Expired())
	output, requests, err := w.export(t, t.TempDir(), 0, nil)
	if err == nil || !strings.Contains(output, "sign in again") || requests != 1 {
		t.Errorf("%v after %d requests:\n%s", err, requests, output)
	}
}

func TestTwoExportsCannotShareAFolder(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	first, err := openCopy(t.Context(), folder, "a")
	if err != nil {
		t.Fatal(err)
	}
	if second, err := openCopy(t.Context(), folder, "a"); err == nil {
		second.close()
		t.Error("a second export was let into the folder")
	}
	first.close()
	again, err := openCopy(t.Context(), folder, "a")
	if err != nil {
		t.Fatal(err)
	}
	again.close()
	info, err := os.Stat(filepath.Join(folder, "oura.db"))
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the copy has the mode %v, %v", info.Mode(), err)
	}
}

// A range that cannot be is refused before the folder is there.
func TestReversedRange(t *testing.T) {
	t.Parallel()
	day := oura.Date{Year: 2026, Month: time.March, Day: 2}
	folder := filepath.Join(t.TempDir(), "export")
	if err := run(t.Context(), settings{folder: folder, first: day.AddDays(7), last: day}); err == nil || !strings.Contains(err.Error(), "exchange") {
		t.Errorf("reversed: %v", err)
	}
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the reversed range has made the folder: %v", err)
	}
}
