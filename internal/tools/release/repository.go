package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// A repository has the modules that users import, the core first.
type repository struct {
	root    string
	modules []module
}

type module struct {
	path, folder string // the folder has slashes, and is empty for the core
	file         *modfile.File
}

// tag is how git names a version of the module.
func (m module) tag(version string) string { return path.Join(m.folder, version) }

// requires is the version of another module that this one asks for, or "".
func (m module) requires(path string) string {
	for _, r := range m.file.Require {
		if r.Mod.Path == path {
			return r.Mod.Version
		}
	}
	return ""
}

// openRepository finds the modules by their go.mod. Those below examples and internal are nobody's to import.
func openRepository(ctx context.Context, folder string) (*repository, error) {
	root, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	repo := &repository{root: root}
	files, err := repo.git(ctx, "ls-files", "--cached", "--others", "--exclude-standard", "--", "go.mod", "*/go.mod")
	if err != nil {
		return nil, err
	}
	for name := range strings.FieldsSeq(files) {
		dir := strings.Trim(path.Dir(name), ".")
		if parts := strings.Split(dir, "/"); slices.Contains(parts, "internal") || slices.Contains(parts, "examples") || slices.Contains(parts, "testdata") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return nil, err
		}
		file, err := modfile.Parse(name, text, nil)
		if err != nil {
			return nil, err
		}
		if file.Module == nil {
			return nil, fmt.Errorf("%s names no module", name)
		}
		repo.modules = append(repo.modules, module{path: file.Module.Mod.Path, folder: dir, file: file})
	}
	slices.SortFunc(repo.modules, func(a, b module) int { return strings.Compare(a.folder, b.folder) })
	if len(repo.modules) == 0 || repo.modules[0].folder != "" {
		return nil, errors.New("there is no go.mod in the root of the repository")
	}
	return repo, nil
}

func (r *repository) core() module { return r.modules[0] }

func (r *repository) module(path string) (module, bool) {
	i := slices.IndexFunc(r.modules, func(m module) bool { return m.path == path })
	if i < 0 {
		return module{}, false
	}
	return r.modules[i], true
}

func (r *repository) git(ctx context.Context, args ...string) (string, error) {
	return command(ctx, r.root, nil, "git", args...)
}

// hasTag tells whether git has a tag.
func (r *repository) hasTag(ctx context.Context, name string) (bool, error) {
	found, err := r.git(ctx, "tag", "--list", name)
	return found != "", err
}
