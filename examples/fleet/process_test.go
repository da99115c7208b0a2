package main

import (
	"context"
	"os"
	"os/exec"
	"os/signal"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The test binary is the program too, so that its processes can be killed.
const processVariable = "FLEET_TEST_PROCESS"

func TestMain(m *testing.M) {
	if os.Getenv(processVariable) == "" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr)) //nolint:gocritic // the process ends
}

// process is one that can be killed and begun again, with the same arguments.
type process struct {
	t       *testing.T
	name    string
	command func() *exec.Cmd
	log     string // file for what it prints

	mu    sync.Mutex
	cmd   *exec.Cmd
	ended chan struct{}
}

// command is one that the end of the test's context does not kill: that is for end, in the order of clean-up.
func command(t *testing.T, name string, args ...string) *exec.Cmd {
	return exec.CommandContext(context.WithoutCancel(t.Context()), name, args...)
}

func (p *process) start() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	cmd := p.command()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		p.t.Fatalf("%s does not start: %v", p.name, err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		_ = log.Close()
		close(ended)
	}()
	p.cmd, p.ended = cmd, ended
}

// end sends the signal and waits. It reports whether the process ended by itself, with 0, within the time.
func (p *process) end(sig os.Signal, patience time.Duration) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return true
	}
	_ = p.cmd.Process.Signal(sig)
	select {
	case <-p.ended:
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
	ok := p.cmd.ProcessState.ExitCode() == 0
	p.cmd = nil
	return ok
}

// running reports whether the process is there.
func (p *process) running() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.ended:
		return false
	default:
		return p.cmd != nil
	}
}
