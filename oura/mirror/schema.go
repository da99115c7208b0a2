package mirror

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// schemaVersion is that of the tables. A database with a higher one is refused.
const schemaVersion = 1

// tables are made in this order and never changed once they are released: a later version adds statements of its own.
//
//	oura_mirror_meta       the version of the tables
//	oura_mirror_people     one row a person: tickets, and who is at work on the copy
//	oura_mirror_copies     one row a person and collection: how far it is copied, and the pass under way
//	oura_mirror_documents  one row a document; gone says since when the service does not have it any more
//	oura_mirror_series     one row a day of a time series, with all its rows as a JSON array
const tables = `
CREATE TABLE IF NOT EXISTS oura_mirror_meta (
	name  text PRIMARY KEY,
	value text NOT NULL
);
CREATE TABLE oura_mirror_people (
	person     {identity},
	user_id    text NOT NULL UNIQUE,
	ticket     bigint NOT NULL DEFAULT 0,
	holder     text NOT NULL DEFAULT '',
	held_until bigint NOT NULL DEFAULT 0,
	consent    text NOT NULL DEFAULT '',
	synced_at  bigint NOT NULL DEFAULT 0
);
CREATE TABLE oura_mirror_copies (
	person     bigint NOT NULL,
	collection text NOT NULL,
	since      text NOT NULL DEFAULT '',
	reached    text NOT NULL DEFAULT '',
	read_pass  bigint NOT NULL DEFAULT 0,
	read_at    bigint NOT NULL DEFAULT 0,
	look_pass  bigint NOT NULL DEFAULT 0,
	whole_at   bigint NOT NULL DEFAULT 0,
	missing    text NOT NULL DEFAULT '',
	pass       bigint NOT NULL DEFAULT 0,
	pass_first text NOT NULL DEFAULT '',
	pass_last  text NOT NULL DEFAULT '',
	pass_at    bigint NOT NULL DEFAULT 0,
	pass_whole boolean NOT NULL DEFAULT false,
	cursor     text NOT NULL DEFAULT '',
	PRIMARY KEY (person, collection)
);
CREATE TABLE oura_mirror_documents (
	person     bigint NOT NULL,
	collection text NOT NULL,
	id         text NOT NULL,
	day        text NOT NULL DEFAULT '',
	ticket     bigint NOT NULL,
	gone       bigint,
	plain      boolean NOT NULL,
	body       {bytes},
	PRIMARY KEY (person, collection, id)
);
CREATE INDEX oura_mirror_documents_day ON oura_mirror_documents (person, collection, day, id);
CREATE TABLE oura_mirror_series (
	person     bigint NOT NULL,
	collection text NOT NULL,
	day        text NOT NULL,
	ticket     bigint NOT NULL,
	"rows"     bigint NOT NULL,
	plain      boolean NOT NULL,
	body       {bytes} NOT NULL,
	PRIMARY KEY (person, collection, day)
)`

// migrate makes the tables and views where they are not there, all or nothing. Where they are, it writes nothing: it waits
// for no writer, and a standby, where no transaction may write, can be read.
func (d *database) migrate(ctx context.Context) error {
	views, hash := d.views()
	if current, err := d.current(ctx, hash); current || err != nil {
		return err
	}
	return d.transaction(ctx, func(tx *tx) error {
		if d.sql.schemaLock != "" {
			if err := tx.exec(d.sql.schemaLock); err != nil {
				return err
			}
		}
		meta, err := tx.meta()
		if err != nil || meta["views"] == hash {
			return err
		}
		if meta == nil {
			all := strings.NewReplacer("{identity}", d.sql.identity, "{bytes}", d.sql.bytes).Replace(tables)
			for statement := range strings.SplitSeq(all, ";\n") { // not every driver takes several
				if err := tx.exec(statement); err != nil {
					return err
				}
			}
			if err := tx.setMeta("version", strconv.Itoa(schemaVersion)); err != nil {
				return err
			}
		}
		for i := range kinds { // views hold no data
			name := kinds[i].view
			if err := tx.exec(`DROP VIEW IF EXISTS ` + name); err != nil {
				return fmt.Errorf("drop the view %s, which is to be made anew (drop what depends on it first): %w", name, err)
			}
			if err := tx.exec(views[i]); err != nil {
				return err
			}
		}
		return tx.setMeta("views", hash)
	})
}

// current reports whether the tables and views are those of this version.
func (d *database) current(ctx context.Context, hash string) (current bool, err error) {
	conn, err := d.db.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer func() { _ = conn.Close() }()
	err = d.patiently(ctx, func() error {
		outside := &tx{ctx: ctx, conn: conn, sql: d.sql}
		meta, err := outside.meta()
		current = err == nil && meta["views"] == hash
		return err
	})
	return current, err
}

// views are the statements that make the views, and a hash of them.
func (d *database) views() (all []string, hash string) {
	for i := range kinds {
		all = append(all, d.sql.view(&kinds[i]))
	}
	sum := sha256.Sum256([]byte(strings.Join(all, "\n")))
	return all, hex.EncodeToString(sum[:])
}

// meta is what oura_mirror_meta holds: nil where there are no tables, ErrNewerSchema where they are of a newer version.
func (t *tx) meta() (map[string]string, error) {
	var there int
	if _, err := t.row(t.sql.hasMeta, nil, &there); err != nil || there == 0 {
		return nil, err
	}
	meta := map[string]string{}
	err := t.query(`SELECT name, value FROM oura_mirror_meta`, nil, func(rows *sql.Rows) error {
		var name, value string
		err := rows.Scan(&name, &value)
		meta[name] = value
		return err
	})
	if err != nil {
		return nil, err
	}
	if n, err := strconv.Atoi(meta["version"]); err != nil || n > schemaVersion {
		return nil, ErrNewerSchema
	}
	return meta, nil
}

func (t *tx) setMeta(name, value string) error {
	return t.exec(`INSERT INTO oura_mirror_meta (name, value) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
}
