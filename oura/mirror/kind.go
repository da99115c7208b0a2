package mirror

import "reflect"

// kind is what the package knows of a collection; kinds, which is generated, has all of them.
type kind struct {
	path    string // last segment of its path
	view    string
	model   reflect.Type
	dayKey  string // the property that holds a document's day; "" where it has none
	series  bool
	byDay   bool // documents may lack their id, and are told by their day
	columns []column
}

// column is a scalar of the documents, as views show it.
type column struct {
	name string
	path []string
	kind scalar
}

type scalar int

const (
	integer scalar = iota
	number
	boolean
	text
)
