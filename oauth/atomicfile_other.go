//go:build !windows

package oauth

import (
	"errors"
	"os"
	"syscall"
)

// transient is always false: nothing here fails because another has a file open.
func transient(error) bool { return false }

// syncDir makes a rename or removal last. File systems that cannot do it say so with EINVAL or ENOTSUP, and there is
// nothing more to do on them.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }() // nothing was written through it
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		return nil
	}
	return err
}
