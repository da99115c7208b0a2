package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/oura-go/sdk/oura"
)

// cure is what helps against a failure.
func cure(err error) string {
	switch {
	case errors.Is(err, oura.ErrUnauthorized):
		return "sign in again, then run the same command again"
	case errors.Is(err, oura.ErrInvalidRequest), errors.Is(err, oura.ErrInvalidResponse):
		return "running it again will not help; see the error below"
	default:
		return "run the same command again to go on"
	}
}

// failures are the errors of collections. Those that say the same are told once.
type failures struct{ alike []failure }

type failure struct {
	names []string
	err   error // of the first
}

func (f *failures) add(name string, err error) {
	for i := range f.alike {
		if same(f.alike[i].err, err) {
			f.alike[i].names = append(f.alike[i].names, name)
			return
		}
	}
	f.alike = append(f.alike, failure{[]string{name}, err})
}

// same reports whether two errors differ by their collection alone.
func same(a, b error) bool {
	first, ok := errors.AsType[*oura.Error](a)
	second, also := errors.AsType[*oura.Error](b)
	return ok && also && first.StatusCode == second.StatusCode && first.Detail == second.Detail && cure(a) == cure(b)
}

func (f *failures) err() error {
	var all []error
	for _, alike := range f.alike {
		all = append(all, fmt.Errorf("%s: %w", strings.Join(alike.names, ", "), alike.err))
	}
	return errors.Join(all...)
}
