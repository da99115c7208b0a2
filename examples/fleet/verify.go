package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// stored is the key of a row.
type stored struct{ user, kind, id string }

// comparison is the table against the service.
type comparison struct {
	service, rows         int // documents there and here
	missing, extra, stale int
	twice                 int
	gone                  int // rows that say that the service has no document any more
}

func (c comparison) equal() bool { return c.missing+c.extra+c.stale+c.twice == 0 }

func (c comparison) String() string {
	return fmt.Sprintf("%d documents at the service, %d stored: %d missing, %d too many, %d not the newest, %d twice; %d known to be gone",
		c.service, c.rows, c.missing, c.extra, c.stale, c.twice, c.gone)
}

// compare reads both whole.
func compare(ctx context.Context, db *sql.DB, service map[stored]any) (c comparison, err error) {
	c.service = len(service)
	rows, err := db.QueryContext(ctx, `SELECT user_id, data_type, object_id, doc FROM fleet_objects`)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	seen := map[stored]bool{}
	for rows.Next() {
		var key stored
		var body []byte
		if err := rows.Scan(&key.user, &key.kind, &key.id, &body); err != nil {
			return c, err
		}
		if body == nil {
			c.gone++
			continue
		}
		c.rows++
		if seen[key] {
			c.twice++
		}
		seen[key] = true
		var have any
		if err := json.Unmarshal(body, &have); err != nil {
			return c, err
		}
		want, ok := service[key]
		switch {
		case !ok:
			c.extra++
		case !reflect.DeepEqual(have, want):
			c.stale++
		}
	}
	for key := range service {
		if !seen[key] {
			c.missing++
		}
	}
	return c, rows.Err()
}

// plain is a document as JSON says it.
func plain(doc any) (out any, err error) {
	body, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	return out, json.Unmarshal(body, &out)
}
