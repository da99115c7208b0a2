package oauth

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/oura-go/sdk/internal/wait"
)

// How often what another has is tried again, a file lock above all: quickly first, since most are held for the moment
// of a save.
const (
	minPoll = 2 * time.Millisecond
	maxPoll = 50 * time.Millisecond
)

// replaceFile puts data in the place of what is at path, whole or not at all, and returns when the disk has it. The
// caller holds the lock: temporaries that it finds were left by holders that died.
func replaceFile(ctx context.Context, path string, data []byte) (err error) {
	dir := filepath.Dir(path)
	sweep(path)
	f, err := os.CreateTemp(dir, tempPrefix(path)+"*"+tempSuffix) // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(data); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = persist(ctx, func() error { return os.Rename(f.Name(), path) }); err != nil {
		return err
	}
	return syncDir(dir)
}

// removeFile removes path and temporaries of it, and returns when the disk has forgotten it.
func removeFile(ctx context.Context, path string) error {
	sweep(path)
	err := persist(ctx, func() error { return os.Remove(path) })
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

const tempSuffix = ".tmp"

func tempPrefix(path string) string { return "." + filepath.Base(path) + "." }

// sweep removes temporaries of path. What cannot be removed is in nobody's way.
func sweep(path string) {
	dir := filepath.Dir(path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		middle, ok := strings.CutPrefix(e.Name(), tempPrefix(path))
		if !ok {
			continue
		}
		// os.CreateTemp puts digits in the place of the asterisk.
		middle, ok = strings.CutSuffix(middle, tempSuffix)
		if ok && middle != "" && strings.Trim(middle, "0123456789") == "" {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

// persist tries again, for a second, what the operating system refuses only because another process has the file open
// at this moment. That is Windows.
func persist(ctx context.Context, do func() error) error {
	deadline := time.Now().Add(time.Second)
	for {
		err := do()
		if err == nil || !transient(err) || time.Now().After(deadline) || wait.Sleep(ctx, minPoll) != nil {
			return err
		}
	}
}
