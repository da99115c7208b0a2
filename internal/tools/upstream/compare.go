package main

import (
	"maps"
	"slices"
	"strings"
)

// differences says what an export has otherwise than openapi.yaml, sorted, without those that are expected. An expected
// difference that is there no more is one, too: its line has to go.
func differences(ours, theirs *document) ([]string, error) {
	have, err := ours.fingerprint()
	if err != nil {
		return nil, err
	}
	want, err := theirs.fingerprint()
	if err != nil {
		return nil, err
	}
	found := compare(have, want)
	var out []string
	for _, line := range found {
		if !slices.Contains(ours.Upstream.Expected, line) {
			out = append(out, line)
		}
	}
	for _, line := range ours.Upstream.Expected {
		if !slices.Contains(found, line) {
			out = append(out, "expected, but not so any more: "+line)
		}
	}
	return out, nil
}

// compare leaves out what lies below a thing that is added or gone, and nulls that openapi.yaml allows beyond the export:
// it describes the service, which sends them.
func compare(have, want fingerprint) []string {
	var out []string
	add := func(verb string, things []string) {
		for _, thing := range things {
			if !slices.ContainsFunc(things, func(other string) bool { return below(thing, other) }) {
				out = append(out, verb+": "+thing)
			}
		}
	}
	add("added", without(want, have))
	add("gone", without(have, want))
	for thing, how := range want {
		before, ok := have[thing]
		if ok && how != before && how != strings.TrimSuffix(before, mayBeNull) {
			out = append(out, "changed: "+thing+" is "+how+", not "+before)
		}
	}
	slices.Sort(out)
	return out
}

// without returns the things of a that b lacks, sorted.
func without(a, b fingerprint) []string {
	var out []string
	for _, thing := range slices.Sorted(maps.Keys(a)) {
		if _, ok := b[thing]; !ok {
			out = append(out, thing)
		}
	}
	return out
}

// below reports whether a thing is part of another: a parameter, property or value of an operation, a property or value
// of a property.
func below(thing, other string) bool {
	if operation, ok := strings.CutPrefix(other, "operation "); ok {
		return thing != other && strings.HasSuffix(thing, " of "+operation)
	}
	kind, path, operation := split(other)
	ownKind, own, ownOperation := split(thing)
	if kind != "property" || ownOperation != operation || ownKind == "parameter" {
		return false
	}
	if ownKind == "value" {
		_, own, _ = strings.Cut(own, " of ") // "long_sleep of data[].type"
		if own == path {
			return true
		}
	}
	return strings.HasPrefix(own, path+".") || strings.HasPrefix(own, path+"[]")
}

// split takes "property data[].score of GET /x" apart.
func split(thing string) (kind, path, operation string) {
	kind, rest, _ := strings.Cut(thing, " ")
	if i := strings.LastIndex(rest, " of "); i >= 0 {
		return kind, rest[:i], rest[i+len(" of "):]
	}
	return kind, rest, ""
}
