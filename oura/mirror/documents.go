package mirror

import (
	"bytes"
	"database/sql"
	"time"
)

// shelf is one collection of documents of a person, within a transaction in which the person is locked.
type shelf struct {
	*tx
	person int64
	kind   *kind
}

// outcome is what became of a document that was to be stored.
type outcome int

const (
	overtaken outcome = iota // what is stored was fetched later
	unchanged
	added
	changed
)

// put stores a document that was fetched after the ticket was drawn.
func (s shelf) put(it item, ticket int64) (outcome, error) {
	if s.kind.byDay && it.id != "" { // its tombstone may be under its id
		if had, _, err := s.find(it.id); err != nil || had > ticket {
			return overtaken, err
		}
	}
	had, body, err := s.find(it.key)
	switch {
	case err != nil || had > ticket:
		return overtaken, err
	case body != nil && bytes.Equal(body, it.body):
		return unchanged, s.exec(`UPDATE oura_mirror_documents SET ticket = ? WHERE person = ? AND collection = ? AND id = ?`,
			ticket, s.person, s.kind.path, it.key)
	}
	err = s.exec(`INSERT INTO oura_mirror_documents (person, collection, id, day, ticket, gone, plain, body)
		VALUES (?, ?, ?, ?, ?, NULL, ?, ?) ON CONFLICT (person, collection, id) DO UPDATE SET day = excluded.day,
			ticket = excluded.ticket, gone = NULL, plain = excluded.plain, body = excluded.body`,
		s.person, s.kind.path, it.key, it.day, ticket, plain(it.body), s.sql.body(it.body))
	if body == nil {
		return added, err
	}
	return changed, err
}

// find returns ticket and body of what is stored under a key: no body where that is a tombstone, and 0 where there is
// nothing.
func (s shelf) find(key string) (ticket int64, body []byte, err error) {
	_, err = s.row(`SELECT ticket, body FROM oura_mirror_documents WHERE person = ? AND collection = ? AND id = ?`,
		[]any{s.person, s.kind.path, key}, &ticket, &body)
	return ticket, body, err
}

// bury stores that the service did not have the document after the ticket was drawn. A tombstone has no content.
func (s shelf) bury(key string, ticket int64, now time.Time) (outcome, error) {
	had, body, err := s.find(key)
	if err != nil || had > ticket {
		return overtaken, err
	}
	err = s.exec(`INSERT INTO oura_mirror_documents (person, collection, id, ticket, gone, plain) VALUES (?, ?, ?, ?, ?, false)
		ON CONFLICT (person, collection, id) DO UPDATE SET ticket = excluded.ticket, gone = excluded.gone,
			plain = false, day = '', body = NULL`,
		s.person, s.kind.path, key, ticket, now.UnixMilli())
	if body == nil {
		return unchanged, err
	}
	return changed, err
}

// unseen lists the documents of the days, both included, that nobody has fetched since the ticket was drawn. Without a
// last day it lists those of all days.
func (s shelf) unseen(ticket int64, first, last string, whole bool) (all []item, err error) {
	query := `SELECT id, day, body FROM oura_mirror_documents WHERE person = ? AND collection = ? AND ticket < ? AND gone IS NULL`
	args := []any{s.person, s.kind.path, ticket}
	if last != "" {
		query += ` AND (day BETWEEN ? AND ?`
		if whole {
			query += ` OR day = ''` // a trailing window need not have it
		}
		query += `)`
		args = append(args, first, last)
	}
	return s.items(query+` ORDER BY id`, args...)
}

// withID lists the keys of the documents whose own id it is, of a collection in which that is not the key.
func (s shelf) withID(id string) (keys []string, err error) {
	all, err := s.items(`SELECT id, day, body FROM oura_mirror_documents WHERE person = ? AND collection = ? AND gone IS NULL`,
		s.person, s.kind.path)
	for _, it := range all {
		if it.id == id {
			keys = append(keys, it.key)
		}
	}
	return keys, err
}

func (s shelf) items(query string, args ...any) (all []item, err error) {
	err = s.query(query, args, func(rows *sql.Rows) error {
		var it item
		err := rows.Scan(&it.key, &it.day, &it.body)
		it.id = itemOf(s.kind, it.body).id
		all = append(all, it)
		return err
	})
	return all, err
}

// sweep removes tombstones that no fetch from before can meet any more.
func (t *tx) sweep(person int64, now time.Time) error {
	const kept = 7 * 24 * time.Hour
	return t.exec(`DELETE FROM oura_mirror_documents WHERE person = ? AND gone < ?`, person, now.Add(-kept).UnixMilli())
}
