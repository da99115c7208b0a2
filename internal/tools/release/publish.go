package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	modpath "golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

const workTree = "the work tree"

// publish puts a version of a module into the proxy in a folder: from the tree of its tag where git has it, else from
// the work tree. It says which.
func publish(ctx context.Context, repo *repository, proxy string, m module, version string) (from string, err error) {
	tag := m.tag(version)
	tagged, err := repo.hasTag(ctx, tag)
	if err != nil {
		return "", err
	}
	if tagged {
		return "the tag " + tag, publishRevision(ctx, repo, proxy, m, version, "refs/tags/"+tag)
	}
	files, err := workFiles(ctx, repo, m)
	if err != nil {
		return "", err
	}
	var archive bytes.Buffer
	if err := zip.Create(&archive, modpath.Version{Path: m.path, Version: version}, files); err != nil {
		return "", err
	}
	goMod, err := os.ReadFile(filepath.Join(repo.root, filepath.FromSlash(m.folder), "go.mod"))
	if err != nil {
		return "", err
	}
	return workTree, store(proxy, m, version, goMod, archive.Bytes())
}

// publishRevision publishes what a commit has, packed as the go command packs it.
func publishRevision(ctx context.Context, repo *repository, proxy string, m module, version, revision string) error {
	var archive bytes.Buffer
	err := zip.CreateFromVCS(&archive, modpath.Version{Path: m.path, Version: version}, repo.root, revision, m.folder)
	if err != nil {
		return err
	}
	goMod, err := repo.git(ctx, "show", revision+":"+filepath.ToSlash(filepath.Join(m.folder, "go.mod")))
	if err != nil {
		return err
	}
	return store(proxy, m, version, []byte(goMod+"\n"), archive.Bytes())
}

// store writes what a proxy has of a version.
func store(proxy string, m module, version string, goMod, archive []byte) error {
	dir := filepath.Join(proxy, filepath.FromSlash(m.path), "@v") // no upper case in it, which a proxy escapes
	if err := os.MkdirAll(dir, 0o755); err != nil {               //nolint:gosec // as the go command has it
		return err
	}
	info, err := json.Marshal(struct {
		Version string
		Time    time.Time
	}{version, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)})
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{
		"list": []byte(version + "\n"), version + ".info": info, version + ".mod": goMod, version + ".zip": archive,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil { //nolint:gosec // as the go command has it
			return fmt.Errorf("publish %s: %w", m.path, err)
		}
	}
	return nil
}

// workFiles are the files that git has of a module, or would take, as they are now. The zip leaves out nested modules.
func workFiles(ctx context.Context, repo *repository, m module) ([]zip.File, error) {
	names, err := repo.git(ctx, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate", "--", "./"+m.folder)
	if err != nil {
		return nil, err
	}
	var files []zip.File
	for name := range strings.SplitSeq(strings.TrimRight(names, "\x00"), "\x00") {
		path := filepath.Join(repo.root, filepath.FromSlash(name))
		if _, err := os.Lstat(path); os.IsNotExist(err) {
			continue // removed, but not committed
		}
		inside := name
		if m.folder != "" {
			inside = strings.TrimPrefix(name, m.folder+"/")
		}
		files = append(files, workFile{inside, path})
	}
	return files, nil
}

type workFile struct{ name, path string }

func (f workFile) Path() string                 { return f.name }
func (f workFile) Lstat() (os.FileInfo, error)  { return os.Lstat(f.path) }
func (f workFile) Open() (io.ReadCloser, error) { return os.Open(f.path) }
