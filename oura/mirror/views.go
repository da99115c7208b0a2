package mirror

import (
	"slices"
	"strings"
)

// view writes the statement that makes the view of a collection: the person, the day, and a column for each scalar. A
// document that the database cannot read as JSON has its id and day, and null in all other columns.
func (l *language) view(k *kind) string {
	names := []string{"user_id"}
	columns := []string{`p.user_id AS "user_id"`}
	add := func(name, expression string) {
		if slices.Contains(names, name) {
			return
		}
		names = append(names, name)
		columns = append(columns, expression+` AS "`+name+`"`)
	}
	if !k.series && !k.byDay {
		add("id", "d.id")
	}
	if k.dayKey != "" || k.series {
		add("day", "NULLIF(d.day, '')"+l.day)
	}
	for _, c := range k.columns {
		add(c.name, l.scalar(k, c))
	}
	return `CREATE VIEW ` + k.view + ` AS SELECT ` + strings.Join(columns, ", ") + ` FROM ` + l.documentsOf(k)
}

// documentsOf is the source of a view: tables d and p, and the JSON of each document or row in j.doc.
func (l *language) documentsOf(k *kind) string {
	const people = ` d JOIN oura_mirror_people p ON p.person = d.person `
	where := `WHERE d.collection = '` + k.path + `'`
	switch {
	case k.series && l.numbered:
		return `oura_mirror_series` + people + `CROSS JOIN LATERAL jsonb_array_elements(` + postgresJSON + `) j(doc) ` + where
	case k.series:
		return `oura_mirror_series` + people + `JOIN json_each(CASE WHEN d.plain THEN d.body ELSE '[]' END) j ` + where
	case l.numbered:
		// OFFSET 0 keeps the planner from parsing the document once for each column.
		return `oura_mirror_documents` + people + `CROSS JOIN LATERAL (SELECT ` + postgresJSON + ` AS doc OFFSET 0) j ` +
			where + ` AND d.gone IS NULL`
	default:
		return `oura_mirror_documents` + people + where + ` AND d.gone IS NULL`
	}
}

const postgresJSON = `CASE WHEN d.plain THEN convert_from(d.body, 'UTF8')::jsonb END`

// scalar is the expression of a column. A value of another type than the API has is null, as one that cannot be cast or
// scanned would fail the whole query.
func (l *language) scalar(k *kind, c column) string {
	if !l.numbered {
		return sqliteScalar(k, c)
	}
	last := len(c.path) - 1
	object := `j.doc`
	if last > 0 {
		object += ` -> '` + strings.Join(c.path[:last], `' -> '`) + `'`
	}
	value := `(` + object + ` -> '` + c.path[last] + `')`
	is := func(kind, then string) string {
		return `CASE WHEN jsonb_typeof(` + value + `) = '` + kind + `' THEN ` + then + ` END`
	}
	switch c.kind {
	case integer:
		return is("number", `round(`+value+`::numeric)::bigint`)
	case number:
		return is("number", value+`::double precision`)
	case boolean:
		return is("boolean", value+`::boolean`)
	default:
		return is("string", object+` ->> '`+c.path[last]+`'`)
	}
}

func sqliteScalar(k *kind, c column) string {
	doc := `CASE WHEN d.plain THEN d.body END`
	if k.series {
		doc = `j.value`
	}
	of := `(` + doc + `, '$."` + strings.Join(c.path, `"."`) + `"')`
	is := func(kinds, then string) string {
		return `CASE WHEN json_type` + of + ` IN (` + kinds + `) THEN ` + then + ` END`
	}
	value := `json_extract` + of
	switch c.kind {
	case integer:
		return is(`'integer', 'real'`, `CAST(round(`+value+`) AS integer)`)
	case number:
		return is(`'integer', 'real'`, value)
	case boolean:
		return is(`'true', 'false'`, value)
	default:
		return is(`'text'`, value)
	}
}
