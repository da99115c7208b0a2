// Command examplegaps lists the exported functions and methods that no Example shows: that are neither the subject of one
// by its name, as in ExampleClient_Object, nor used in the body of one, in whatever package of the module.
//
//	examplegaps [-C dir] [package ...]
//
// It fails if there are any. What a standard interface asks for, such as String or UnmarshalJSON, needs no Example, nor
// does what is deprecated or in a command.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"slices"

	"golang.org/x/tools/go/packages"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("examplegaps: ")
	dir := flag.String("C", ".", "the folder of the module")
	flag.Parse()
	gaps, err := run(os.Stdout, *dir, flag.Args())
	if err != nil {
		log.Fatal(err)
	}
	if gaps > 0 {
		os.Exit(1)
	}
}

// run prints what no Example shows and returns how much that is.
func run(w io.Writer, dir string, patterns []string) (gaps int, err error) {
	loaded, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax | packages.NeedForTest, Dir: dir, Tests: true}, patterns...)
	if err != nil {
		return 0, err
	}
	if packages.PrintErrors(loaded) > 0 {
		return 0, fmt.Errorf("the packages in %s do not compile", dir)
	}
	exported, shown := map[string]bool{}, map[string]bool{}
	for _, p := range loaded {
		if p.ForTest == "" && p.Name != "main" {
			declared(p, exported)
		}
		inExamples(p, shown)
	}
	var missing []string
	for name := range exported {
		if !shown[name] {
			missing = append(missing, name)
		}
	}
	slices.Sort(missing)
	for _, name := range missing {
		fmt.Fprintf(w, "%s has no Example and is in none\n", name)
	}
	fmt.Fprintf(w, "%d exported functions and methods, %d without an Example\n", len(exported), len(missing))
	return len(missing), nil
}
