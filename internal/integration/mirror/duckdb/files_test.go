//go:build cgo && (linux || darwin) && (amd64 || arm64)

package duckdb

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The files of examples/export say the same in all three formats: DuckDB reads from CSV and Parquet, value for value,
// what the service has sent, which is in the lines of JSON. Parquet has types.
func TestFiles(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	export := exec.CommandContext(t.Context(), "go", "run", ".", "-out", folder, "-from", time.Now().AddDate(0, 0, -40).Format(time.DateOnly))
	export.Dir = filepath.Join("..", "..", "..", "..", "examples", "export")
	export.Env = append(os.Environ(), "TZ=UTC")
	if out, err := export.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	duck, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { duck.Close() })
	files, err := filepath.Glob(filepath.Join(folder, "*.jsonl"))
	if err != nil || len(files) != 19 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	types := map[string]bool{}
	for _, file := range files {
		want := sent(t, file)
		name := strings.TrimSuffix(filepath.Base(file), ".jsonl")
		path := strings.TrimSuffix(file, "jsonl")
		compared := compare(t, duck, name+".parquet", "read_parquet('"+path+"parquet')", want, types)
		if again := compare(t, duck, name+".csv", "read_csv('"+path+"csv', all_varchar=true, header=true)", want, nil); again != compared {
			t.Errorf("%s: %d values from CSV, %d from Parquet", name, again, compared)
		}
		if name != "rest_mode_period" && compared < 5 {
			t.Errorf("%s: only %d values", name, compared)
		}
	}
	for _, kind := range []string{"DATE", "TIMESTAMP", "TIMESTAMPTZ", "BIGINT", "DOUBLE", "BOOLEAN", "VARCHAR", "DOUBLE[]", "VARCHAR[]"} {
		if !types[kind] {
			t.Errorf("no column has the type %s", kind)
		}
	}
}

// sent reads documents with nothing of this module, and takes objects apart.
func sent(t *testing.T, file string) (all []map[string]any) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var document map[string]any
		if err := json.Unmarshal(lines.Bytes(), &document); err != nil {
			t.Fatal(err)
		}
		flat := map[string]any{}
		flatten(flat, "", document)
		all = append(all, flat)
	}
	return all
}

func flatten(flat map[string]any, prefix string, object map[string]any) {
	for key, v := range object {
		switch inner, ok := v.(map[string]any); {
		case ok:
			flatten(flat, prefix+key+".", inner)
		case v != nil:
			flat[prefix+key] = v
		}
	}
}

// compare holds a table against the documents and returns how many values are in both. Every value of the documents has
// to be found, and none may be added.
func compare(t *testing.T, duck *sql.DB, name, table string, want []map[string]any, types map[string]bool) (n int) {
	t.Helper()
	rows, err := duck.QueryContext(t.Context(), "SELECT * FROM "+table)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	defer rows.Close()
	columns, err := rows.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range columns {
		if types != nil {
			types[c.DatabaseTypeName()] = true
		}
	}
	row := 0
	for ; rows.Next(); row++ {
		if row == len(want) {
			t.Fatalf("%s has more than %d rows", name, row)
		}
		cells := make([]any, len(columns))
		for i := range cells {
			cells[i] = new(any)
		}
		if err := rows.Scan(cells...); err != nil {
			t.Fatal(err)
		}
		got := map[string]any{}
		for i, c := range columns {
			if v := *cells[i].(*any); v != nil {
				got[c.Name()] = v
			}
		}
		for key, is := range want[row] {
			if !same(got[key], got[key+".utc_offset"], is) {
				t.Fatalf("%s, line %d, %s: %v (%T) is not %v", name, row+1, key, got[key], got[key], is)
			}
			delete(got, key)
			delete(got, key+".utc_offset")
			n++
		}
		if len(got) > 0 {
			t.Fatalf("%s, line %d has more: %v", name, row+1, got)
		}
	}
	if err := rows.Err(); err != nil || row != len(want) {
		t.Fatalf("%s: %d rows, want %d: %v", name, row, len(want), err)
	}
	return n
}

// same reports whether a cell is what the service has sent.
func same(cell, offset, sent any) bool {
	switch got := cell.(type) {
	case string:
		switch want := sent.(type) {
		case string:
			return got == want || got == "codes:"+want || sameInstant(got, want)
		case bool:
			return got == strconv.FormatBool(want)
		default: // a number, or a list in the cell
			var v any
			return json.Unmarshal([]byte(got), &v) == nil && reflect.DeepEqual(v, want)
		}
	case bool:
		return got == sent
	case int64:
		return float64(got) == sent
	case float64:
		want, ok := sent.(float64)
		return ok && math.Abs(got-want) <= 1e-12*math.Abs(want)
	case time.Time:
		return sameTime(got, offset, sent)
	case []any:
		want, ok := sent.([]any)
		if !ok || len(got) != len(want) {
			return false
		}
		for i := range got {
			if got[i] == nil && want[i] == nil {
				continue
			}
			if !same(got[i], nil, want[i]) {
				return false
			}
		}
		return true
	}
	return false
}

// sameInstant takes two ways to write an instant for one, if they have the same offset.
func sameInstant(got, want string) bool {
	a, err := time.Parse(time.RFC3339, got)
	b, failed := time.Parse(time.RFC3339, want)
	_, offset := a.Zone()
	_, other := b.Zone()
	return err == nil && failed == nil && a.Equal(b) && offset == other
}

// sameTime compares a day, an instant with its offset, or the time on a clock.
func sameTime(got time.Time, offset, sent any) bool {
	want, _ := sent.(string)
	minutes, zoned := offset.(int64)
	if !zoned {
		return got.Format(time.DateOnly) == want || got.Format("2006-01-02T15:04:05") == want
	}
	zone := time.FixedZone("", int(minutes)*60)
	wall := time.Date(got.Year(), got.Month(), got.Day(), got.Hour(), got.Minute(), got.Second(), got.Nanosecond(), zone)
	return sameInstant(got.In(zone).Format(time.RFC3339Nano), want) || sameInstant(wall.Format(time.RFC3339Nano), want)
}
