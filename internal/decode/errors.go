package decode

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/oura-go/sdk/internal/text"
)

// misfit tells which value has the wrong kind, without the value.
func misfit(path, found, want string) error {
	where := "the value"
	if path != "" {
		where = "field " + path
	}
	return fmt.Errorf("%s holds %s that does not fit %s", where, found, want)
}

var (
	errNoData     = errors.New("it has no data array, so it is not a page")
	errUnreadable = errors.New("it cannot be read")
)

// describe makes an error of the decoder one that holds no values: those of JSON packages quote what they could not
// read.
func describe(err error) error {
	if e, ok := errors.AsType[*json.SemanticError](err); ok {
		return misfit(fieldPath(e.JSONPointer), cmp.Or(jsonKinds[e.JSONKind], "a value"), typeName(e.GoType))
	}
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return fmt.Errorf("not JSON from byte %d on", e.ByteOffset)
	}
	return errUnreadable
}

// fieldPath writes /contributors/deep_sleep as contributors.deep_sleep.
func fieldPath(p jsontext.Pointer) string {
	var parts []string
	for token := range p.Tokens() {
		parts = append(parts, text.Clip(token, text.MaxName))
	}
	return strings.Join(parts, ".")
}

var jsonKinds = map[jsontext.Kind]string{
	'n': "null", '"': "a string", '0': "a number", '{': "an object", '[': "an array", 't': "a boolean", 'f': "a boolean",
}

func typeName(t reflect.Type) string {
	switch t {
	case nil:
		return "its type"
	case reflect.TypeFor[envelope](): // how pages are taken apart is nobody's concern
		return "a page"
	case reflect.TypeFor[documents]():
		return "a list"
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.String()
}
