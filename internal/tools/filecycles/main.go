// Command filecycles reports cycles between the files of a package: files that use each other's declarations and can
// therefore only be read together. Test files are left out.
//
//	filecycles [-C dir] [package ...]
//
// It prints each cycle with what the files use of each other, then the number of cycles, and fails if there are any.
// Without packages it looks at all of the module in dir.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"slices"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("filecycles: ")
	dir := flag.String("C", ".", "the folder of the module")
	flag.Parse()
	patterns := flag.Args()
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	cycles, err := run(os.Stdout, *dir, patterns)
	if err != nil {
		log.Fatal(err)
	}
	if cycles > 0 {
		os.Exit(1)
	}
}

// run prints the cycles of the packages and returns how many there are.
func run(w io.Writer, dir string, patterns []string) (cycles int, err error) {
	packages, err := load(dir, patterns)
	if err != nil {
		return 0, err
	}
	for _, p := range packages {
		found := p.uses.cycles()
		cycles += len(found)
		for _, files := range found {
			fmt.Fprintf(w, "%s: a cycle of %d files\n", p.path, len(files))
			for _, from := range files {
				for _, to := range files {
					if names := p.uses[from][to]; from != to && len(names) > 0 {
						fmt.Fprintf(w, "\t%s -> %s: %s\n", from, to, shortened(names))
					}
				}
			}
		}
	}
	fmt.Fprintf(w, "%d packages, %d cycles between files\n", len(packages), cycles)
	return cycles, nil
}

// shortened lists a few of the names.
func shortened(names map[string]bool) string {
	const most = 4
	text, all := "", sorted(names)
	for i, name := range all {
		if i == most {
			return fmt.Sprintf("%s and %d more", text, len(all)-most)
		}
		if i > 0 {
			text += ", "
		}
		text += name
	}
	return text
}

func sorted[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
