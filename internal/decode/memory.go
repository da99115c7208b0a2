package decode

import "time"

// memory is what a scanner keeps from one value to the next, and from one response to the next, so that values of the
// same kind do not allocate one by one.
type memory struct {
	ints   slab[int]
	longs  slab[int64]
	floats slab[float64]
	flags  slab[bool]
	words  words

	date   [len("2006-01-02")]byte // the last date, which rows of a series share
	start  int64                   // its beginning in UTC, in Unix seconds
	offset int                     // the last UTC offset, in seconds
	zone   *time.Location          // the location with that offset; nil before the first
}

// slabSize bounds what one kept document keeps alive of its neighbours: 512 bytes.
const slabSize = 64

// slab gives out pointers to values that share allocations. Optional numbers are most of what a page of scores
// allocates otherwise: eight a document.
type slab[T any] []T

func (s *slab[T]) put(v T) *T {
	if len(*s) == cap(*s) {
		*s = make([]T, 0, slabSize)
	}
	*s = append(*s, v)
	return &(*s)[len(*s)-1]
}

// words remembers the values of enums, which are few and repeat in every row. It is a table of fixed size, indexed by a
// hash: a word replaces the one with the same hash, so nothing that the service sends makes the table grow.
type words [64]string

// longestWord bounds what words may hold on to.
const longestWord = 64

func (w *words) get(b []byte) string {
	if len(b) == 0 || len(b) > longestWord {
		return string(b)
	}
	place := &w[(int(b[0])*7+int(b[len(b)-1])*3+int(b[len(b)/2])+len(b))%len(w)]
	if *place != string(b) {
		*place = string(b)
	}
	return *place
}
