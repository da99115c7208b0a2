package main

import "slices"

// graph tells for each file which others it uses, and for what names.
type graph map[string]map[string]map[string]bool

func (g graph) add(from, to, name string) {
	if g[from] == nil {
		g[from] = map[string]map[string]bool{}
	}
	if g[from][to] == nil {
		g[from][to] = map[string]bool{}
	}
	g[from][to][name] = true
}

// cycles returns the sets of more than one file that reach each other (strongly connected components, by Tarjan's
// algorithm), each sorted.
func (g graph) cycles() [][]string {
	t := tarjan{graph: g, index: map[string]int{}, low: map[string]int{}}
	for _, file := range sorted(g) {
		if t.index[file] == 0 {
			t.visit(file)
		}
	}
	slices.SortFunc(t.found, func(a, b []string) int { return slices.Compare(a, b) })
	return t.found
}

type tarjan struct {
	graph
	index, low map[string]int // from 1; 0: not visited yet
	stack      []string
	found      [][]string
}

func (t *tarjan) visit(file string) {
	t.index[file] = len(t.index) + 1
	t.low[file] = t.index[file]
	t.stack = append(t.stack, file)
	for _, next := range sorted(t.graph[file]) {
		if t.index[next] == 0 {
			t.visit(next)
			t.low[file] = min(t.low[file], t.low[next])
		} else if slices.Contains(t.stack, next) {
			t.low[file] = min(t.low[file], t.index[next])
		}
	}
	if t.low[file] != t.index[file] {
		return
	}
	at := slices.Index(t.stack, file)
	component := slices.Sorted(slices.Values(t.stack[at:]))
	t.stack = t.stack[:at]
	if len(component) > 1 {
		t.found = append(t.found, component)
	}
}
