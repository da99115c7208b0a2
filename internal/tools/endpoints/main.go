// Command endpoints writes the part of package oura that only repeats what openapi.yaml and package api already say:
// aliases of models and constants, and one line of wiring for each collection.
//
//	endpoints -spec openapi.yaml -api api -out oura/endpoints.gen.go
package main

import (
	"bytes"
	_ "embed"
	"flag"
	"fmt"
	"go/format"
	"log"
	"os"
	"text/template"
)

//go:embed endpoints.go.tmpl
var source string

func main() {
	log.SetFlags(0)
	log.SetPrefix("endpoints: ")
	spec := flag.String("spec", "openapi.yaml", "the OpenAPI document")
	api := flag.String("api", "api", "the folder of package api")
	out := flag.String("out", "oura/endpoints.gen.go", "the file to write")
	flag.Parse()
	if err := run(*spec, *api, *out); err != nil {
		log.Fatal(err)
	}
}

func run(spec, api, out string) error {
	collections, err := readCollections(spec)
	if err != nil {
		return err
	}
	types, constants, err := readPackage(api)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	err = template.Must(template.New("endpoints").Parse(source)).Execute(&b, map[string]any{
		"Collections": collections, "Types": types, "Constants": constants,
	})
	if err != nil {
		return err
	}
	code, err := format.Source(b.Bytes())
	if err != nil {
		return fmt.Errorf("%w in\n%s", err, b.Bytes())
	}
	return os.WriteFile(out, code, 0o644) //nolint:gosec // G306: source code, readable as the rest of the repository
}
