package decode

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// Property is a property of a document as it came, the last one of that name; ok is false where there is none, or the
// document is not an object. It allocates nothing for the others.
func Property(raw []byte, name string) (value []byte, ok bool) {
	d := jsontext.NewDecoder(bytes.NewBuffer(raw), Options)
	if start, err := d.ReadToken(); err != nil || start.Kind() != '{' {
		return nil, false
	}
	for d.PeekKind() == '"' {
		key, err := d.ReadToken()
		if err != nil {
			return nil, false
		}
		found := key.String() == name
		v, err := d.ReadValue()
		if err != nil {
			return nil, false
		}
		if found {
			value, ok = bytes.Clone(v), true
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, false
	}
	return value, ok
}
