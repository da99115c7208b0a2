package oura_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/internal/fixtures"
	"github.com/oura-go/sdk/oura"
)

func TestCollectionsReadAll(t *testing.T) {
	t.Parallel()
	c, s := scripted(t, func(w http.ResponseWriter, r *http.Request) {
		path, id, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v2/usercollection/"), "/")
		doc := fixtures.Document(path, fixtures.Full)
		if id != "" {
			answer(w, http.StatusOK, string(doc))
			return
		}
		token := "more"
		if r.URL.Query().Has("next_token") {
			answer(w, http.StatusOK, string(fixtures.Page(path, nil, doc)))
			return
		}
		answer(w, http.StatusOK, string(fixtures.Page(path, &token, doc)))
	})
	all := c.Collections()
	if len(all) < 18 {
		t.Fatalf("%d collections", len(all))
	}
	for _, col := range all {
		docs, err := oura.Collect(col.List(t.Context()))
		if err != nil || len(docs) != 2 || reflect.TypeOf(docs[0]) != reflect.PointerTo(col.Model) || col.Model.Name() != col.Name {
			t.Errorf("%s: %d documents %T, %v", col.Name, len(docs), docs, err)
			continue
		}
		raw, err := oura.Collect(col.ListJSON(t.Context()))
		if err != nil || len(raw) != 2 || string(raw[0]) != strings.TrimSpace(string(fixtures.Document(col.Path, fixtures.Full))) {
			t.Errorf("%s: JSON %s, %v", col.Name, raw, err)
		}
		if placed := !col.At(docs[0]).IsZero(); placed != (col.Dated || col.Series) || !col.At(nil).IsZero() {
			t.Errorf("%s: at %v", col.Name, col.At(docs[0]))
		}
		for page, err := range col.Pages(t.Context()) {
			if err != nil || len(page.Data) != 1 {
				t.Fatal(col.Name, err)
			}
			rest, err := oura.Collect(col.ListJSON(t.Context(), oura.Resume(page.Next)))
			if err != nil || len(rest) != 1 {
				t.Errorf("%s: the cursor goes on with %s, %v", col.Name, rest, err)
			}
			break
		}
		got, err := col.Get(t.Context(), "an-id")
		text, errJSON := col.GetJSON(t.Context(), "an-id")
		if col.Series {
			if !errors.Is(err, oura.ErrInvalidRequest) || !errors.Is(errJSON, oura.ErrInvalidRequest) {
				t.Errorf("%s: Get: %v, %v", col.Name, err, errJSON)
			}
			continue
		}
		if err != nil || reflect.TypeOf(got) != reflect.PointerTo(col.Model) || errJSON != nil || len(text) == 0 {
			t.Errorf("%s: Get: %T, %v, %v", col.Name, got, err, errJSON)
		}
		known := oura.Known{}
		if kept, err := json.Marshal(docs[0]); err != nil {
			t.Error(err)
		} else if doc, err := col.Decode(kept); err != nil || !cmp.Equal(doc, docs[0]) {
			t.Errorf("%s: Decode: %v, %v", col.Name, doc, err)
		}
		if _, err := col.Decode([]byte(`[]`)); !errors.As(err, new(*oura.DocumentError)) {
			t.Errorf("%s: Decode of a list: %v", col.Name, err)
		}
		if changed, err := col.Note(known, got); err != nil || !changed || len(known) != 1 {
			t.Errorf("%s: Note: %v, %v", col.Name, known, err)
		}
		if _, err := col.Note(known, 5); !errors.Is(err, oura.ErrInvalidRequest) {
			t.Errorf("%s: Note of a number: %v", col.Name, err)
		}
	}
	sent := len(s.requests())
	day, now := date("2026-03-01"), time.Now()
	for _, col := range all {
		wrong := []oura.CollectionOption{oura.Between(now, now.Add(1))}
		if col.Series {
			wrong[0] = oura.Days(day, day)
		}
		if err := first(col.List(t.Context(), wrong...)); !errors.Is(err, oura.ErrInvalidRequest) || !strings.Contains(err.Error(), "use ") {
			t.Errorf("%s: %v", col.Name, err)
		}
		if err := first(col.PagesJSON(t.Context(), nil)); !errors.Is(err, oura.ErrInvalidRequest) {
			t.Errorf("%s: %v", col.Name, err)
		}
	}
	if n := len(s.requests()) - sent; n != 0 {
		t.Errorf("%d requests for wrong options", n)
	}
}

func TestCollectionReconcile(t *testing.T) {
	t.Parallel()
	today := oura.Today(time.UTC)
	c, _ := scripted(t, pages([]string{sleepDay("a", today.String())}))
	var got []oura.Change[any]
	for _, col := range c.Collections() {
		if col.Name != "DailySleep" {
			continue
		}
		for change, err := range col.Reconcile(context.Background(), 7, oura.Known{}) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, change)
		}
	}
	if len(got) != 1 || got[0].Type != oura.EventTypeCreate || got[0].Document.(*oura.DailySleep).ID != "a" {
		t.Errorf("got %+v", got)
	}
}
