package integration

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"
)

// childRole makes the test binary play a process of an application.
const childRole = "OURA_TEST_CHILD"

var roles = map[string]func(settings []byte) error{
	"refresh": refreshRole,
	"hold":    holdRole,
	"greedy":  greedyRole,
	"use":     useRole,
}

func TestMain(m *testing.M) {
	role := os.Getenv(childRole)
	if role == "" {
		os.Exit(m.Run())
	}
	if err := roles[role]([]byte(os.Args[1])); err != nil {
		fmt.Fprintln(os.Stderr, role+":", err)
		os.Exit(1)
	}
}

// address is an engine's; the test is skipped where there is none.
func address(t testing.TB, variable string) string {
	t.Helper()
	value := os.Getenv(variable)
	if value == "" {
		t.Skipf("%s is not set", variable)
	}
	return value
}

// process is a child that has started and waits for go.
type process struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Scanner
	once sync.Once
	err  error
}

// start starts a child and waits until it is ready. It is killed with the test.
func start(t testing.TB, role string, settings any) *process {
	t.Helper()
	p, err := launch(t, role, settings)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// launch is start for any goroutine.
func launch(t testing.TB, role string, settings any) (*process, error) {
	args, err := json.Marshal(settings)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(os.Args[0], string(args))
	cmd.Env = append(os.Environ(), childRole+"="+role)
	cmd.Stderr = os.Stderr
	p := &process{cmd: cmd}
	if p.in, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewScanner(out)
	p.out.Buffer(nil, 16<<20)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	t.Cleanup(p.kill)
	if !p.out.Scan() || p.out.Text() != "ready" {
		return nil, fmt.Errorf("the process says %q, %w, want ready", p.out.Text(), p.out.Err())
	}
	return p, nil
}

// ready tells the parent and waits for go.
func ready() {
	fmt.Println("ready")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
}

// begin says go.
func (p *process) begin() { _, _ = io.WriteString(p.in, "go\n") }

// expect reads one line.
func (p *process) expect(t testing.TB, want string) {
	t.Helper()
	if !p.out.Scan() || p.out.Text() != want {
		t.Fatalf("the process says %q, %v, want %q", p.out.Text(), p.out.Err(), want)
	}
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// kill ends the process without a chance to clean up.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.wait()
}

func (p *process) wait() error {
	p.once.Do(func() { p.err = p.cmd.Wait() })
	return p.err
}

// readAll decodes all lines that the process prints until it ends.
func readAll[T any](p *process) (all []T, err error) {
	for p.out.Scan() {
		var v T
		if json.Unmarshal(p.out.Bytes(), &v) == nil { // the last line of a killed process may be torn
			all = append(all, v)
		}
	}
	return all, p.out.Err()
}
