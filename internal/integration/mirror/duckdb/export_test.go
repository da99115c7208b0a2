//go:build cgo && (linux || darwin) && (amd64 || arm64)

package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"
	_ "modernc.org/sqlite"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/mirror"
	"github.com/oura-go/sdk/oura/ouratest"
)

// What people write: quotes, line ends, separators, other scripts, and what looks like JSON, CSV or a formula.
const written = "\"a\", b;\r\nc\td \\ \u2028 \u00e9 \u65e5\u672c \U0001F62E {\"e\": null} =1+1 \u0001"

// A file of Export reads in DuckDB value for value as the service has it: every scalar of every document and row.
func TestExport(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, time.March, 12, 12, 0, 0, 0, time.UTC)
	service := ouratest.NewService(ouratest.WithClock(func() time.Time { return noon }), ouratest.WithHistory(5))
	t.Cleanup(service.Close)
	tag := ouratest.EnhancedTag(oura.DateOf(noon))
	tag.Comment = new(written)
	service.User().Add(tag)
	client := service.User().Client(oura.WithLimiter(free{}))
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(filepath.Join(t.TempDir(), "oura.db"))+"?_pragma=journal_mode(WAL)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	m, err := mirror.Open(t.Context(), db, mirror.SQLite, mirror.WithClock(func() time.Time { return noon }))
	if err != nil {
		t.Fatal(err)
	}
	first, last := oura.DateOf(noon).AddDays(-9), oura.DateOf(noon).AddDays(1)
	me := m.Person(service.User().ID)
	if _, err := me.Sync(t.Context(), client, mirror.Since(first)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "oura.jsonl")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := me.Export(t.Context(), file, mirror.JSONLines); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}

	duck, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { duck.Close() })
	got := readByDuckDB(t, duck, path)
	total := 0
	for _, c := range client.Collections() {
		want := readFromService(t, c, first, last)
		if !maps.Equal(got[c.Path], want) {
			t.Errorf("%s: DuckDB reads %d different values, want %d: %s", c.Path, len(got[c.Path]), len(want), difference(got[c.Path], want))
		}
		total += len(want)
		delete(got, c.Path)
	}
	if len(got) > 0 || total < 5_000 {
		t.Errorf("%d different values, and %d collections more", total, len(got))
	}

	var comment string
	err = duck.QueryRow(`SELECT document.comment FROM read_json('` + path + `') WHERE document.id = '` + tag.ID + `'`).Scan(&comment)
	if err != nil || comment != written {
		t.Errorf("the columns that DuckDB finds for itself: %q, %v", comment, err)
	}
}

// values counts the scalars of a collection's documents, each with its path and type.
type values map[string]int

// readByDuckDB takes the file apart in SQL.
func readByDuckDB(t *testing.T, duck *sql.DB, path string) map[string]values {
	t.Helper()
	rows, err := duck.Query(`SELECT line ->> '$.collection', leaf.fullkey, leaf.type, line_value ->> leaf.fullkey
		FROM (SELECT json AS line, coalesce(json -> '$.document', json -> '$.row') AS line_value FROM read_ndjson_objects('` + path + `')),
			json_tree(line_value) AS leaf
		WHERE line_value IS NOT NULL AND leaf.type NOT IN ('OBJECT', 'ARRAY')`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	all := map[string]values{}
	for rows.Next() {
		var collection, key, kind string
		var text sql.NullString
		if err := rows.Scan(&collection, &key, &kind, &text); err != nil {
			t.Fatal(err)
		}
		value := text.String
		switch kind {
		case "BIGINT", "UBIGINT", "DOUBLE":
			kind, value = "number", number(t, value)
		case "VARCHAR":
			kind = "string"
		}
		if all[collection] == nil {
			all[collection] = values{}
		}
		all[collection][strings.ToLower(kind)+" "+strings.ReplaceAll(key, `"`, "")+" "+value]++
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func number(t *testing.T, text string) string {
	t.Helper()
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

func readFromService(t *testing.T, c oura.Collection, first, last oura.Date) values {
	t.Helper()
	var opts []oura.CollectionOption
	switch {
	case c.Series:
		opts = append(opts, oura.Between(first.In(time.UTC), last.AddDays(1).In(time.UTC)))
	case c.Dated:
		opts = append(opts, oura.Days(first, last))
	}
	all := values{}
	for raw, err := range c.ListJSON(t.Context(), opts...) {
		if err != nil {
			t.Fatal(err)
		}
		var document any
		if err := json.Unmarshal(raw, &document); err != nil {
			t.Fatal(err)
		}
		all.add("$", document)
	}
	return all
}

func (v values) add(key string, value any) {
	switch value := value.(type) {
	case map[string]any:
		for name, child := range value {
			v.add(key+"."+name, child)
		}
	case []any:
		for i, child := range value {
			v.add(key+"["+strconv.Itoa(i)+"]", child)
		}
	case nil:
		v["null "+key+" "]++
	case bool:
		v["boolean "+key+" "+strconv.FormatBool(value)]++
	case float64:
		v["number "+key+" "+strconv.FormatFloat(value, 'g', -1, 64)]++
	case string:
		v["string "+key+" "+value]++
	}
}

func difference(got, want values) string {
	for key, n := range want {
		if got[key] != n {
			return fmt.Sprintf("%q is there %d times, want %d", key, got[key], n)
		}
	}
	for key, n := range got {
		if want[key] != n {
			return fmt.Sprintf("%q is there %d times, want %d", key, n, want[key])
		}
	}
	return ""
}

// free is no limit.
type free struct{}

func (free) Wait(context.Context) error { return nil }
