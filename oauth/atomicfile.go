package oauth

import (
	"context"
	"crypto/rand"
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

// reserveFile makes the temporary file that replaceFile fills later, of that many bytes, and returns when the disk has
// them. The caller holds the lock: temporaries that it finds were left by holders that died.
func reserveFile(path string, size int) (*os.File, error) {
	sweep(path)
	f, err := os.CreateTemp(filepath.Dir(path), tempPrefix(path)+"*"+tempSuffix) // mode 0600
	if err != nil {
		return nil, err
	}
	if size == 0 {
		return f, nil
	}
	filler := make([]byte, size)
	_, _ = rand.Read(filler) // zeros can take no room
	if _, err = f.Write(filler); err == nil {
		err = f.Sync()
	}
	if err != nil {
		discardFile(f)
		return nil, err
	}
	return f, nil
}

// discardFile ends a temporary file.
func discardFile(f *os.File) {
	_ = f.Close()
	_ = os.Remove(f.Name())
}

// replaceFile puts data in the place of what is at path, whole or not at all, and returns when the disk has it. It uses
// the reserved file up, if there is one, whatever comes of it. The caller holds the lock.
func replaceFile(ctx context.Context, path string, data []byte, reserved *os.File) (err error) {
	f := reserved
	if f == nil {
		if f, err = reserveFile(path, 0); err != nil {
			return err
		}
	}
	defer func() {
		if err != nil {
			discardFile(f)
		}
	}()
	if _, err = f.WriteAt(data, 0); err != nil {
		return err
	}
	if err = f.Truncate(int64(len(data))); err != nil {
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
	return syncDir(filepath.Dir(path))
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
