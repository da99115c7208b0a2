package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// pkg is one package and which of its files use which.
type pkg struct {
	path string
	uses graph
}

// listed is what go list says of a package.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
	DepOnly                 bool
	ImportMap               map[string]string
}

// load type-checks the packages. What they import is read from the compiler's export data.
func load(dir string, patterns []string) ([]pkg, error) {
	args := append([]string{"list", "-deps", "-export", "-json=ImportPath,Dir,Export,GoFiles,DepOnly,ImportMap", "--"}, patterns...)
	cmd := exec.Command("go", args...) //nolint:gosec,noctx // G204: the go command, which ends with this program
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	var wanted []listed
	exports := map[string]string{}
	for d := json.NewDecoder(out); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		exports[p.ImportPath] = p.Export
		if !p.DepOnly {
			wanted = append(wanted, p)
		}
	}
	if err := cmd.Wait(); err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	var packages []pkg
	for _, p := range wanted {
		uses, err := check(p, exports)
		if err != nil {
			return nil, err
		}
		packages = append(packages, pkg{path: p.ImportPath, uses: uses})
	}
	return packages, nil
}

// check finds for every name that a file uses the file of the same package that declares it.
func check(p listed, exports map[string]string) (graph, error) {
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	conf := types.Config{Importer: importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		if mapped, ok := p.ImportMap[path]; ok {
			path = mapped
		}
		return os.Open(exports[path])
	})}
	info := types.Info{Uses: map[*ast.Ident]types.Object{}}
	self, err := conf.Check(p.ImportPath, fset, files, &info)
	if err != nil {
		return nil, err
	}
	g := graph{}
	file := func(pos token.Pos) string { return filepath.Base(fset.Position(pos).Filename) }
	for id, used := range info.Uses {
		if used.Pkg() != self {
			continue
		}
		if _, name := used.(*types.PkgName); name {
			continue
		}
		if from, to := file(id.Pos()), file(used.Pos()); from != to {
			g.add(from, to, used.Name())
		}
	}
	return g, nil
}
