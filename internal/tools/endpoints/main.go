// Command endpoints writes what follows from openapi.yaml and package api: the client's fields and their wiring, the
// names of models and constants in package oura, the kit's tables, scopes, tables of tests, and the table of README.md.
// Each Go file has a template of its own. A collection without fixtures gets some.
//
//	endpoints -C root
package main

import (
	"bytes"
	"embed"
	"flag"
	"fmt"
	"go/format"
	"log"
	"os"
	"path/filepath"
	"text/template"
)

// outputs are the files to write, by template. Paths are relative to the root of the repository.
var outputs = map[string]string{
	"api_test.go.tmpl":      "api/collections_gen_test.go",
	"contract_test.go.tmpl": "internal/contract/models_gen_test.go",
	"catalog.go.tmpl":       "oura/ouratest/catalog.gen.go",
	"collections.go.tmpl":   "oura/collections.gen.go",
	"decoders.go.tmpl":      "oura/ouratest/cmd/fakeoura/decoders.gen.go",
	"endpoints.go.tmpl":     "oura/ouratest/endpoints.gen.go",
	"mirror.go.tmpl":        "oura/mirror/kinds.gen.go",
	"mock.go.tmpl":          "oura/ouratest/mock.gen.go",
	"scopes.go.tmpl":        "oauth/scopes.gen.go",
	"models.go.tmpl":        "oura/models.gen.go",
	"decode.go.tmpl":        "internal/decode/models_gen_test.go",
}

//go:embed *.tmpl
var templates embed.FS

// data is what templates see.
type data struct {
	Collections []collection
	Scopes      []string
	Types       []model
	Constants   []group

	schemas map[string]*schema
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("endpoints: ")
	root := flag.String("C", ".", "the root of the repository")
	flag.Parse()
	if err := run(*root); err != nil {
		log.Fatal(err)
	}
}

func run(root string) error {
	doc, err := readDocument(filepath.Join(root, "openapi.yaml"))
	if err != nil {
		return err
	}
	d := data{Collections: doc.collections(), Scopes: doc.scopes(), schemas: doc.Components.Schemas}
	if d.Types, d.Constants, err = readPackage(filepath.Join(root, "api")); err != nil {
		return err
	}
	all, err := template.ParseFS(templates, "*.tmpl")
	if err != nil {
		return err
	}
	for name, out := range outputs {
		if err := write(all.Lookup(name), d, filepath.Join(root, out)); err != nil {
			return err
		}
	}
	if err := writeFixtures(filepath.Join(root, "internal/fixtures/data"), doc); err != nil {
		return err
	}
	return writeTable(filepath.Join(root, "README.md"), d.Collections)
}

func write(t *template.Template, d data, out string) error {
	var b bytes.Buffer
	if err := t.Execute(&b, d); err != nil {
		return err
	}
	code, err := format.Source(b.Bytes())
	if err != nil {
		return fmt.Errorf("%w in\n%s", err, b.Bytes())
	}
	return os.WriteFile(out, code, 0o644) //nolint:gosec // G306: source code, readable as the rest of the repository
}
