package oauth

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"unicode"
)

const (
	redacted = "[redacted]"
	// maxText bounds foreign text in errors, in runes.
	maxText = 300
	// maxScanned bounds the foreign text that is looked through, in bytes.
	maxScanned = 4 << 10
	// minOverlap is how many bytes of a secret in a row count as a leak.
	minOverlap = 8
	// minLetters is the length below which a secret is hidden as a whole word only: one letter of every word would be
	// no use.
	minLetters = 4
	// maxWord is the length from which a word of token characters is taken for a token, though it is none that we know.
	maxWord = 32
)

// scrubber makes foreign text fit for an error: no secret of ours, plain or escaped, whole or in part; nothing that
// looks like a token; one line; bounded.
type scrubber struct{ secrets []string }

func newScrubber(secrets ...string) scrubber {
	var s scrubber
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		quoted, _ := json.Marshal(secret)
		s.secrets = append(s.secrets, secret, url.QueryEscape(secret), url.PathEscape(secret), strings.Trim(string(quoted), `"`))
	}
	return s
}

func (s scrubber) clean(text string) string {
	if len(text) > maxScanned {
		text = text[:maxScanned]
	}
	hidden := make([]bool, len(text))
	for _, secret := range s.secrets {
		hide(hidden, lower(text), lower(secret)) // %2f is %2F
	}
	hideWords(hidden, text)

	var b strings.Builder
	runes := 0
	for i, r := range text {
		if runes == maxText {
			b.WriteString("…")
			break
		}
		switch {
		case hidden[i]:
			if i > 0 && hidden[i-1] {
				continue
			}
			b.WriteString(redacted)
		case unicode.IsPrint(r) && r != unicode.ReplacementChar:
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
		runes++
	}
	return strings.TrimSpace(b.String())
}

// lower changes the case of ASCII letters, and so no offset.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// hide marks where text holds secret or a long enough part of it.
func hide(hidden []bool, text, secret string) {
	n := min(len(secret), minOverlap)
	for i := 0; i+n <= len(text); i++ {
		if strings.Contains(secret, text[i:i+n]) && (n >= minLetters || wholeWord(text, i, i+n)) {
			for j := i; j < i+n; j++ {
				hidden[j] = true
			}
		}
	}
}

func wholeWord(text string, from, to int) bool {
	return (from == 0 || !tokenByte(text[from-1])) && (to == len(text) || !tokenByte(text[to]))
}

// hideWords marks long runs of the characters that tokens are made of.
func hideWords(hidden []bool, text string) {
	start := 0
	for i := 0; i <= len(text); i++ {
		if i < len(text) && tokenByte(text[i]) {
			continue
		}
		if i-start >= maxWord {
			for j := start; j < i; j++ {
				hidden[j] = true
			}
		}
		start = i + 1
	}
}

func tokenByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		strings.IndexByte("-._~+=%", c) >= 0
}

// guarded is an error whose text was scrubbed. Its cause stays matchable.
type guarded struct {
	text  string
	cause error
}

func (e *guarded) Error() string                { return e.text }
func (e *guarded) Unwrap() error                { return e.cause }
func (e *guarded) Format(f fmt.State, _ rune)   { _, _ = io.WriteString(f, e.text) }
func (e *guarded) MarshalText() ([]byte, error) { return []byte(e.text), nil }
