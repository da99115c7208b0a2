package main

import (
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
	if len(want) < 37 || !strings.Contains(output, "documents, ") {
		t.Fatalf("%d files, want two of each collection and the person:\n%s", len(want), output)
	}
	if n := strings.Count(want["daily_activity.jsonl"], "\n"); n != 37 {
		t.Fatalf("%d days of activity, want 37", n)
	}
	if want["daily_resilience.rejected.jsonl"] == "" {
		t.Fatal("the malformed documents are not kept")
	}

	const points = 5
	for name, signal := range map[string]os.Signal{"SIGINT": os.Interrupt, "kill -9": os.Kill} {
		if signal == os.Interrupt && runtime.GOOS == "windows" {
			continue // one process cannot send it to another there
		}
		for point := 1; point <= points; point++ {
			stopAt := total * point / (points + 1)
			t.Run(fmt.Sprintf("%s at request %d of %d", name, stopAt, total), func(t *testing.T) {
				folder := t.TempDir()
				output, _, err := w.export(t, folder, stopAt, signal)
				if err == nil {
					t.Fatalf("the export was not interrupted:\n%s", output)
				}
				var exit *exec.ExitError
				if signal == os.Interrupt && (!errors.As(err, &exit) || exit.ExitCode() != 130) {
					t.Fatalf("the interrupted export ended with %v:\n%s", err, output)
				}
				output, rest, err := w.export(t, folder, 0, nil)
				if err != nil {
					t.Fatalf("resumed: %v\n%s", err, output)
				}
				if names := differing(read(t, folder), want); len(names) > 0 {
					t.Errorf("these files are not those of an uninterrupted export: %q", names)
				}
				if rest >= total {
					t.Errorf("the resumed export made %d requests, as many as a whole one: it began anew", rest)
				}
			})
		}
	}
}

// A process can end between any two writes, so files may hold more than what is known to be good.
func TestUnfinishedPageIsCutOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	folder := t.TempDir()
	output, total, err := w.export(t, folder, 0, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	want := read(t, folder)

	torn := t.TempDir()
	if output, _, err := w.export(t, torn, total/2, os.Kill); err == nil {
		t.Fatalf("the export was not interrupted:\n%s", output)
	}
	var files []string
	for _, suffix := range suffixes {
		some, err := filepath.Glob(filepath.Join(torn, "*"+suffix))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, some...)
	}
	if len(files) < 3 {
		t.Fatalf("hardly anything was written: %q", files)
	}
	for _, name := range files {
		file, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.WriteString(`{"id":"half a docu`); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if output, _, err := w.export(t, torn, 0, nil); err != nil {
		t.Fatalf("resumed: %v\n%s", err, output)
	}
	if names := differing(read(t, torn), want); len(names) > 0 {
		t.Errorf("these files are not those of an uninterrupted export: %q", names)
	}
}

func TestFinishedExportIsLeftAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	folder := t.TempDir()
	if output, _, err := w.export(t, folder, 0, nil); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	want := read(t, folder)
	output, requests, err := w.export(t, folder, 0, nil)
	if err != nil || requests != 1 { // for the person
		t.Errorf("%d requests, %v, want 1\n%s", requests, err, output)
	}
	if diff := cmp.Diff(want, read(t, folder)); diff != "" {
		t.Errorf("the files have changed:\n%s", diff)
	}
}

func TestFolderIsForOnePerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	folder := t.TempDir()
	if output, _, err := w.export(t, folder, 10, os.Kill); err == nil {
		t.Fatalf("the export was not interrupted:\n%s", output)
	}
	before := read(t, folder)
	w.token = w.service.AddUser("b").Token().AccessToken
	output, requests, err := w.export(t, folder, 0, nil)
	if err == nil || !strings.Contains(output, "another person's") || requests != 1 {
		t.Errorf("%v after %d requests, want to be refused after one:\n%s", err, requests, output)
	}
	if names := differing(read(t, folder), before); len(names) > 0 {
		t.Errorf("these files have changed: %q", names)
	}

	if output, _, err := w.export(t, folder, 0, nil, "-restart"); err != nil {
		t.Fatalf("restarted: %v\n%s", err, output)
	}
	anew := t.TempDir()
	if output, _, err := w.export(t, anew, 0, nil); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if names := differing(read(t, folder), read(t, anew)); len(names) > 0 {
		t.Errorf("these files are not those of a new export: %q", names)
	}
}

func TestTwoExportsCannotShareAFolder(t *testing.T) {
	t.Parallel()
	day := oura.Date{Year: 2026, Month: time.March, Day: 2}
	s := settings{folder: t.TempDir(), first: day, last: day}
	first, err := openFolder(s)
	if err != nil {
		t.Fatal(err)
	}
	defer first.close()
	if second, err := openFolder(s); err == nil {
		second.close()
		t.Error("a second export was let into the folder")
	}
}
