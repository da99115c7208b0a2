package oauth

import (
	"errors"
	"syscall"
)

const (
	errAccessDenied     = syscall.Errno(5)
	errSharingViolation = syscall.Errno(32)
	errLockViolation    = syscall.Errno(33)
)

// transient reports what a reader, a virus scanner or an indexer that has the file open causes for a moment.
func transient(err error) bool {
	return errors.Is(err, errAccessDenied) || errors.Is(err, errSharingViolation) || errors.Is(err, errLockViolation)
}

// syncDir does nothing: Windows has no fsync of a folder, and NTFS journals renames.
func syncDir(string) error { return nil }
