package api

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"
)

// What Date and LocalDateTime have in common: their zero value is an empty text, null in JSON and NULL in SQL.

func marshalText(s string, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return []byte(s), nil
}

func marshalJSON(s string, err error) ([]byte, error) {
	switch {
	case err != nil:
		return nil, err
	case s == "":
		return []byte("null"), nil
	default:
		return []byte(`"` + s + `"`), nil
	}
}

func sqlValue(s string, err error) (driver.Value, error) {
	if err != nil || s == "" {
		return nil, err
	}
	return s, nil
}

// unmarshalText leaves v as it is where the text cannot be read.
func unmarshalText[T any](v *T, s string, parse func(string) (T, error)) error {
	var read T
	if s != "" {
		var err error
		if read, err = parse(s); err != nil {
			return err
		}
	}
	*v = read
	return nil
}

// unquote returns what a JSON string says. Dates and times hardly ever have an escape, and then nothing is copied.
func unquote(b []byte) (text []byte, ok bool) {
	if n := len(b); n < 2 || b[0] != '"' || b[n-1] != '"' {
		return nil, false
	}
	if bytes.IndexByte(b, '\\') < 0 {
		return b[1 : len(b)-1], true
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, false
	}
	return []byte(s), true
}

// scan reads what a driver returns for a column. What a T is, and the columns it may come from, are for the error.
func scan[T any](v *T, src any, what, columns string, of func(time.Time) T, parse func(string) (T, error)) error {
	switch src := src.(type) {
	case nil:
		*v = *new(T)
	case time.Time:
		*v = of(src)
	case []byte:
		return unmarshalText(v, string(src), parse)
	case string:
		return unmarshalText(v, src, parse)
	default:
		return fmt.Errorf("oura: cannot read %s from a %T; select %s column", what, src, columns)
	}
	return nil
}
