package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/oura-go/sdk/internal/loopback"
)

// server is an engine of the test's own, since one that others use must not be restarted.
type server struct {
	*process
	addr string
	stop os.Signal // how it crashes
	up   func(context.Context) error
}

// begin starts the server and waits for it.
func (s *server) begin() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	s.start()
	for {
		try, cancel := context.WithTimeout(ctx, time.Second)
		err := s.up(try)
		cancel()
		if err == nil {
			return
		}
		if !s.running() { // PostgreSQL waits for the last process of its predecessor
			s.start()
		}
		if !pause(ctx, 200*time.Millisecond) {
			out, _ := os.ReadFile(s.log)
			s.t.Fatalf("%s is not up: %v\n%s", s.name, err, out)
		}
	}
}

// restart crashes the server and begins it again after the outage, on the same port, with what it had on disk.
func (s *server) restart(outage time.Duration) {
	s.t.Helper()
	s.end(s.stop, 10*time.Second)
	pause(s.t.Context(), outage)
	s.begin()
}

func newServer(t *testing.T, name string, stop os.Signal, addr string, command func() *exec.Cmd) *server {
	t.Helper()
	s := &server{
		process: &process{t: t, name: name, command: command, log: filepath.Join(t.TempDir(), name+".log")},
		addr:    addr, stop: stop,
		up: func(ctx context.Context) error {
			var d net.Dialer
			conn, err := d.DialContext(ctx, "tcp", addr)
			if err != nil {
				return err
			}
			return conn.Close()
		},
	}
	t.Cleanup(func() { s.end(stop, 10*time.Second) })
	return s
}

func startRedis(t *testing.T) *server {
	t.Helper()
	program, addr := find(t, "redis-server"), freePort(t)
	_, port, _ := net.SplitHostPort(addr)
	dir := t.TempDir()
	s := newServer(t, "redis", syscall.SIGKILL, addr, func() *exec.Cmd {
		return command(t, program, "--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no", "--dir", dir)
	})
	s.begin()
	return s
}

func startNATS(t *testing.T) *server {
	t.Helper()
	program, addr := find(t, "nats-server", "/usr/sbin/nats-server"), freePort(t)
	_, port, _ := net.SplitHostPort(addr)
	dir := t.TempDir()
	s := newServer(t, "nats", syscall.SIGKILL, addr, func() *exec.Cmd {
		return command(t, program, "-a", "127.0.0.1", "-p", port, "-js", "-sd", dir)
	})
	s.begin()
	return s
}

// startPostgres makes a cluster and runs it, as somebody else if this is root, whom PostgreSQL refuses.
func startPostgres(t *testing.T) *server {
	t.Helper()
	initdb := find(t, "initdb", globbed("/usr/lib/postgresql/*/bin/initdb")...)
	program := filepath.Join(filepath.Dir(initdb), "postgres")
	dir, err := os.MkdirTemp("", "fleet-postgres-") //nolint:usetesting // t.TempDir is closed to other users
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	as := func(name string, args ...string) *exec.Cmd {
		cmd := command(t, name, args...)
		cmd.Dir = dir
		return cmd
	}
	if os.Getuid() == 0 {
		other, err := user.Lookup("postgres")
		if err != nil {
			t.Skip("PostgreSQL does not run as root, and there is no user postgres")
		}
		setpriv := find(t, "setpriv")
		uid, _ := strconv.Atoi(other.Uid)
		gid, _ := strconv.Atoi(other.Gid)
		if err := os.Chown(dir, uid, gid); err != nil {
			t.Fatal(err)
		}
		as = func(name string, args ...string) *exec.Cmd {
			cmd := command(t, setpriv, append([]string{"--reuid=" + other.Uid, "--regid=" + other.Gid, "--clear-groups", name}, args...)...)
			cmd.Dir = dir
			return cmd
		}
	}
	data := filepath.Join(dir, "data")
	if out, err := as(initdb, "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	addr := freePort(t)
	_, port, _ := net.SplitHostPort(addr)
	// SIGQUIT is its immediate shutdown: no checkpoint, and recovery at the next start.
	s := newServer(t, "postgres", syscall.SIGQUIT, addr, func() *exec.Cmd {
		return as(program, "-D", data, "-h", "127.0.0.1", "-p", port, "-k", dir)
	})
	db, err := openDB(&config{postgres: postgresURL(addr), role: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s.up = db.PingContext
	s.begin()
	return s
}

func postgresURL(addr string) string {
	return fmt.Sprintf("postgres://postgres@%s/postgres?sslmode=disable", addr)
}

// find looks for a program by its name and then at other places.
func find(t *testing.T, name string, places ...string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	for _, path := range places {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	t.Skipf("there is no %s on this machine: the test restarts one of its own", name)
	return ""
}

func globbed(pattern string) []string {
	found, _ := filepath.Glob(pattern)
	slices.Sort(found)
	slices.Reverse(found) // the newest first
	return found
}

// freePort is an address for another process to listen on.
func freePort(t *testing.T) string {
	t.Helper()
	addr, err := loopback.Addr(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return addr
}
