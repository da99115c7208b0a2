// Command readme keeps the pages of this repository honest. In every README and in
// the folder docs, each Go block must equal an Example function that the compiler
// and the tests see. In every Markdown file, each link to something in this
// repository must lead there, its anchor included; so must the addresses of pages
// and packages, and pages of docs that are named, in Go, YAML and shell files.
//
// A comment above the block names the example by its folder and function, and
// says what of it is shown:
//
//	<!-- example: oura ExampleClient -->          the body
//	<!-- example: oura ExampleClient func -->     the function
//	<!-- example: oura ExampleClient file -->     the file it stands in
//	<!-- example: oura ExampleClient snippet -->  the lines of the body between
//	                                              "// snippet" and "// end snippet"
//
// The trailing "// Output:" comment is never shown. Go blocks without a comment
// are errors.
//
//	go run ./internal/readme               # check
//	go run ./internal/readme -w            # rewrite the blocks from the examples
//	go run ./internal/readme -command test # print the shell block under <!-- ci:test -->
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("readme", flag.ContinueOnError)
	root := flags.String("root", ".", "the root `folder` of the repository")
	write := flags.Bool("w", false, "rewrite the Go blocks from the examples")
	command := flags.String("command", "", "print the shell block under <!-- ci:`name` --> of the README and do nothing else")
	if err := flags.Parse(args); err != nil {
		return err
	}

	if *command != "" {
		text, err := commandBlock(filepath.Join(*root, "README.md"), *command)
		if err != nil {
			return err
		}
		_, err = io.WriteString(out, text)
		return err
	}

	files, err := findPages(*root)
	if err != nil {
		return err
	}
	links, problems, err := checkLinks(*root)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d links into this repository, %d lead nowhere\n", links, len(problems))
	for _, file := range files {
		checked, err := checkPage(*root, file)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: %d Go blocks, %d differ from their examples\n", file, checked.blocks, len(checked.stale))
		problems = append(problems, checked.broken...)
		if !*write {
			problems = append(problems, checked.stale...)
			continue
		}
		if len(checked.stale) == 0 {
			continue
		}
		if err := os.WriteFile(file, checked.updated, 0o644); err != nil { //nolint:gosec // a page is for everybody to read
			return err
		}
		fmt.Fprintf(out, "%s: rewritten\n", file)
	}
	return errors.Join(problems...)
}
