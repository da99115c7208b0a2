package text_test

import (
	"fmt"
	"testing"

	"github.com/oura-go/sdk/internal/text"
)

func TestClip(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": "", "short": "short", " a\n\tb\x7f c ": "a b c", "a\xff": "a\uFFFD", "1234567890": "12345678…", "1234567ä": "1234567…",
	} {
		if got := text.Clip(in, 8); got != want {
			t.Errorf("Clip(%q) = %q, want %q", in, got, want)
		}
	}
}

type secret struct{ token string }

func (secret) Format(s fmt.State, verb rune) { text.Format(s, verb, "hidden") }

func TestFormat(t *testing.T) {
	t.Parallel()
	for verb, want := range map[string]string{"%v": "hidden", "%+v": "hidden", "%#v": "hidden", "%q": `"hidden"`, "%d": "hidden"} {
		if got := fmt.Sprintf(verb, secret{"s3cr3t"}); got != want {
			t.Errorf("%s: %q, want %q", verb, got, want)
		}
	}
}
