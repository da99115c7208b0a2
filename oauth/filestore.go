package oauth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/oauth2"
)

// maxStored bounds what is read of a stored token, which sealing makes a third larger.
const maxStored = 2 * maxEncoded

// FileStore keeps a grant in a file of mode 0600, in a folder that it makes with mode 0700 where there is none. It is a
// [Store], [Locker] and [Deleter], for any number of goroutines and processes of one machine.
//
// Saving is atomic: a temporary file, fsync, rename, fsync of the folder. At no moment, and after no crash, does the
// path hold half a token. A path that is a symbolic link stays one: the file that it leads to is replaced.
//
// Before a refresh is sent the temporary file is made, as large as it will be: a full disk or a folder that cannot be
// written to is an error that costs no refresh token.
//
// The lock is a file beside it, the path and ".lock", which is never removed. It is the operating system's and ends
// with its holder, so that a process that was killed blocks nobody.
//
// Use a local disk. On network file systems neither rename nor locks can be relied on; use a database there.
type FileStore struct {
	path   string
	sealer *Sealer
	lock   semaphore // before the file's lock, so that goroutines do not poll
	err    error     // of the path or the options, reported on first use
}

// NewFileStore does no I/O. A relative path is taken from the working directory of now. An error of an option is
// returned by every later call.
func NewFileStore(path string, opts ...StoreOption) *FileStore {
	s := &FileStore{lock: newSemaphore()}
	if path == "" {
		s.err = errors.New("oauth: the token file's path is empty")
		return s
	}
	s.path, s.err = filepath.Abs(path)
	for _, o := range opts {
		if o == nil {
			s.err = cmp.Or(s.err, errNilOption)
			continue
		}
		s.err = cmp.Or(s.err, o(s))
	}
	return s
}

// StoreOption changes how a [FileStore] keeps a grant.
type StoreOption func(*FileStore) error

// WithSealing keeps a grant encrypted with AES-256-GCM and the path of the file as additional data. The first key
// writes, older ones are read too; [NewSealer] says more. A grant that is kept in plain under it, a short or missing
// key, and a wrong one are errors of the store's first use.
//
// A sealed file can only be opened at the path where it was sealed: move a grant with Load and Save.
func WithSealing(key []byte, older ...[]byte) StoreOption {
	sealer, err := NewSealer(key, older...)
	return func(s *FileStore) error {
		s.sealer = sealer
		return err
	}
}

// Sealed is [WithSealing].
//
// Deprecated: use [WithSealing]. It stays for the time that CONTRIBUTING.md gives to deprecated names.
func Sealed(key []byte, older ...[]byte) StoreOption { return WithSealing(key, older...) }

// String is the path of the file.
func (s *FileStore) String() string { return s.path }

// Load returns the grant or [ErrNoToken]. It does not wait for the lock.
func (s *FileStore) Load(ctx context.Context) (*oauth2.Token, error) {
	if s.err != nil {
		return nil, s.err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	path, err := resolve(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoToken
	}
	if err != nil {
		return nil, fileError(err)
	}
	return s.read(ctx, path)
}

// Save waits for the lock and replaces the grant.
func (s *FileStore) Save(ctx context.Context, token *oauth2.Token) error {
	return withLock(ctx, s, func(l Locked) error { return l.Save(ctx, token) })
}

// Delete waits for the lock and removes the file. The lock file stays. It needs no key, so that a grant whose key is
// lost can be deleted.
func (s *FileStore) Delete(ctx context.Context) error {
	return withLock(ctx, s, func(l Locked) error { return l.(Deleter).Delete(ctx) })
}

func (s *FileStore) read(ctx context.Context, path string) (*oauth2.Token, error) {
	if s.err != nil {
		return nil, s.err
	}
	var data []byte
	err := persist(ctx, func() (err error) {
		data, err = readRegular(path)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoToken
	}
	if err != nil {
		return nil, fileError(err)
	}
	if s.sealer != nil {
		data, err = s.sealer.Open(data, sealedFor(path))
	}
	var token *oauth2.Token
	if err == nil {
		token, err = DecodeToken(data)
	}
	if err != nil {
		return nil, fmt.Errorf("token file %s: %w", path, err)
	}
	return token, nil
}

// encode makes what the file at path keeps of a token.
func (s *FileStore) encode(path string, token *oauth2.Token) ([]byte, error) {
	if s.err != nil {
		return nil, s.err
	}
	data, err := EncodeToken(token)
	if err == nil && s.sealer != nil {
		data, err = s.sealer.Seal(data, sealedFor(path))
	}
	return data, err
}

func fileError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("oauth: token file: %w", err)
}

func sealedFor(path string) []byte { return []byte(filepath.ToSlash(path)) }

// readRegular reads a file of bounded size, and does not wait at a pipe.
func readRegular(path string) ([]byte, error) {
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxStored+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxStored {
		return nil, fmt.Errorf("%s is larger than a token can be", path)
	}
	return data, nil
}

// resolve follows symbolic links of the folder and of the file, whose target need not exist yet.
func resolve(path string) (string, error) {
	const maxLinks = 40
	for range maxLinks {
		dir, err := filepath.EvalSymlinks(filepath.Dir(path))
		if err != nil {
			return "", err
		}
		path = filepath.Join(dir, filepath.Base(path))
		target, err := os.Readlink(path)
		if err != nil {
			// Not a link, or nothing is there: whoever opens it will see.
			return path, nil //nolint:nilerr // see above
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(dir, target)
		}
		path = target
	}
	return "", fmt.Errorf("%s: too many symbolic links", path)
}
