package oura_test

import (
	"errors"
	"runtime"
	"testing"

	"github.com/oura-go/sdk/oura"
)

var errPanic = errors.New("of the caller's code")

// panicking is a model whose decoder panics.
type panicking struct{}

func (*panicking) UnmarshalJSON([]byte) error { panic(errPanic) }

// leaving is a model whose decoder ends its goroutine, as t.FailNow does.
type leaving struct{}

func (*leaving) UnmarshalJSON([]byte) error { runtime.Goexit(); return nil }

// The caller's code runs in goroutines of the listing. What it does there reaches the caller as if it ran in the loop.
func TestPanicReachesTheCaller(t *testing.T) {
	t.Parallel()
	c, _ := scripted(t, threePages)
	days := oura.Days(date("2025-03-01"), date("2026-03-09"))
	for name, opts := range map[string][]oura.DocumentOption{"one by one": {days}, "parallel": {days, oura.Parallel(3)}} {
		func() {
			defer func() {
				if got := recover(); got != errPanic { //nolint:errorlint // the value itself
					t.Errorf("%s: recovered %v, want the panic of the caller's code", name, got)
				}
			}()
			_ = first(oura.NewDocuments[panicking](c, "daily_sleep", nil).List(t.Context(), opts...))
			t.Errorf("%s: the panic did not reach the caller", name)
		}()

		done := make(chan bool, 1)
		go func() {
			returned := false
			defer func() { done <- returned }()
			_ = first(oura.NewDocuments[leaving](c, "daily_sleep", nil).List(t.Context(), opts...))
			returned = true
		}()
		if <-done {
			t.Errorf("%s: List went on after Goexit", name)
		}
	}
}
