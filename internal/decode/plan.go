package decode

import (
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/oura-go/sdk/api"
)

// plan is how to read objects into one type of struct.
type plan struct {
	fields []field
}

type field struct {
	name  string
	key   string // the name in quotes, and a colon: a key as it is nearly always written
	index int
	read  reader
	row   rowReader // in place of read, where there is one

	nullable bool
}

// maxPlanFields is how many fields the set of those seen can hold.
const maxPlanFields = 64

// object reads an object. Keys come in the order of the fields, or nearly so: the search begins behind the last one.
func (p *plan) object(s *scanner, v reflect.Value) bool { return p.row(s, v, nil) }

// row is object for a type that may have readers of its own; row is the address of v.
func (p *plan) row(s *scanner, v reflect.Value, row any) bool {
	if !s.take('{') {
		return false
	}
	if s.take('}') {
		return true
	}
	var seen uint64
	for next := 0; ; {
		i, ok := p.key(s, next)
		switch {
		case !ok:
			return false
		case i < 0:
			ok = s.skip()
		case seen&(1<<i) != 0:
			return false // the general decoder knows what a duplicate means
		default:
			next = i + 1
			seen |= 1 << i
			f := &p.fields[i]
			switch {
			case s.null():
				ok = f.nullable
			case f.row != nil && row != nil:
				ok = f.row(s, row)
			default:
				ok = f.read(s, v.Field(f.index))
			}
		}
		if !ok {
			return false
		}
		if more, ok := s.more('}'); !more {
			return ok
		}
	}
}

// key reads a key and its colon, and returns the place of its field; -1 if there is none.
func (p *plan) key(s *scanner, next int) (i int, ok bool) {
	s.peek()
	rest := s.buf[s.pos:]
	for i := next; i < next+len(p.fields); i++ {
		place := i
		if place >= len(p.fields) {
			place -= len(p.fields)
		}
		// Comparing a letter first saves a call for most of the fields that it is not.
		key := p.fields[place].key
		if len(rest) > len(key) && rest[1] == key[1] && string(rest[:len(key)]) == key {
			s.pos += len(key)
			return place, true
		}
	}
	name, ok := s.text()
	if !ok || !s.take(':') {
		return 0, false
	}
	for i := range p.fields {
		if p.fields[i].name == string(name) { // with white space, or with an escape in it
			return i, true
		}
	}
	return -1, true
}

// form is what the two ways need to know of a type.
type form struct {
	plan   *plan // nil if the type is left to the general decoder
	weight weight
}

var forms sync.Map // of *form by reflect.Type

func formOf(t reflect.Type) *form {
	f, ok := forms.Load(t)
	if !ok {
		f, _ = forms.LoadOrStore(t, &form{makePlan(t, 0), makeWeight(t, 0)})
	}
	return f.(*form) //nolint:forcetypeassert // the map holds nothing else
}

const plainLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

// makePlan understands structs such as those of package api. Where a struct has anything else, or anything that the
// general decoder treats in a way of its own, there is no plan.
func makePlan(t reflect.Type, depth int) *plan {
	if depth > 8 || t.Kind() != reflect.Struct || decodesItself(t) { // a type may hold itself
		return nil
	}
	p := new(plan)
	names := map[string]bool{}
	for f := range t.Fields() {
		tag, tagged := f.Tag.Lookup("json")
		name, options, _ := strings.Cut(tag, ",")
		if tag == "-" || !f.IsExported() && !tagged && !f.Anonymous {
			continue
		}
		if name == "" {
			name = f.Name
		}
		read := readerOf(f.Type, depth+1)
		if read == nil || f.Anonymous || !f.IsExported() || strings.Trim(name, plainLetters) != "" || names[name] ||
			options != "" && options != "omitempty" && options != "omitzero" {
			return nil
		}
		names[name] = true
		p.fields = append(p.fields, field{name: name, key: `"` + name + `":`, index: f.Index[0], read: read, row: rowReaders[t][name], nullable: holdsNull(f.Type)})
	}
	if len(p.fields) > maxPlanFields {
		return nil
	}
	return p
}

func readerOf(t reflect.Type, depth int) reader {
	switch t {
	case reflect.TypeFor[time.Time]():
		return readTime
	case reflect.TypeFor[api.Samples]():
		return readSamples
	case reflect.TypeFor[api.Date](), reflect.TypeFor[api.LocalDateTime]():
		return readText
	case reflect.TypeFor[time.Duration]():
		return nil // has no agreed form in JSON
	case reflect.TypeFor[*int]():
		return sharing((*scanner).int, func(s *scanner, n int) *int { return s.ints.put(n) })
	case reflect.TypeFor[*api.Seconds]():
		return sharing((*scanner).int, func(s *scanner, n int) *api.Seconds { return (*api.Seconds)(s.ints.put(n)) })
	case reflect.TypeFor[*int64]():
		return sharing((*scanner).integer, func(s *scanner, n int64) *int64 { return s.longs.put(n) })
	case reflect.TypeFor[*float64]():
		return sharing((*scanner).number, func(s *scanner, f float64) *float64 { return s.floats.put(f) })
	case reflect.TypeFor[*bool]():
		return sharing((*scanner).boolean, func(s *scanner, truth bool) *bool { return s.flags.put(truth) })
	}
	if decodesItself(t) {
		return nil
	}
	switch t.Kind() {
	case reflect.Bool:
		return readBool
	case reflect.Int, reflect.Int64:
		return readInt
	case reflect.Float64:
		return readFloat
	case reflect.String:
		if t == reflect.TypeFor[string]() {
			return readString
		}
		return readWord
	case reflect.Struct:
		if p := makePlan(t, depth); p != nil {
			return p.object
		}
	case reflect.Pointer:
		return pointerTo(t.Elem(), depth)
	case reflect.Slice:
		if read := readerOf(t.Elem(), depth+1); read != nil {
			return arrayOf(read, holdsNull(t.Elem()))
		}
	default:
	}
	return nil
}

func pointerTo(t reflect.Type, depth int) reader {
	read := readerOf(t, depth+1)
	if read == nil || t.Kind() == reflect.Pointer {
		return nil
	}
	return func(s *scanner, v reflect.Value) bool {
		if !s.spend(sizeOf(t)) {
			return false
		}
		p := reflect.New(t)
		v.Set(p)
		return read(s, p.Elem())
	}
}

// Properties lists the JSON names of a struct's fields, those of embedded structs too; nil if t is not a struct.
func Properties(t reflect.Type) []string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	var names []string
	for f := range t.Fields() {
		tag := f.Tag.Get("json")
		name, _, _ := strings.Cut(tag, ",")
		switch {
		case tag == "-":
		case name != "":
			names = append(names, name)
		case f.Anonymous:
			names = append(names, Properties(f.Type)...)
		case f.IsExported():
			names = append(names, f.Name)
		}
	}
	return names
}
