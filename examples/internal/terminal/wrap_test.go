package terminal_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/examples/internal/terminal"
)

func TestWrap(t *testing.T) {
	long := strings.Repeat("x", 90)
	for name, test := range map[string]struct{ text, want string }{
		"short":        {"not found", "  do:  not found"},
		"to the end":   {strings.Repeat("é", 36) + " " + strings.Repeat("y", 36), "  do:  " + strings.Repeat("é", 36) + " " + strings.Repeat("y", 36)},
		"one too many": {strings.Repeat("é", 36) + " " + strings.Repeat("y", 37), "  do:  " + strings.Repeat("é", 36) + "\n       " + strings.Repeat("y", 37)},
		"long word":    {"see " + long + " there", "  do:  see\n       " + long + "\n       there"},
		"lines":        {"first\nsecond", "  do:  first\n       second"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, terminal.Wrap("  do:  ", test.text)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
