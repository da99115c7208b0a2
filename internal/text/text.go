// Package text makes texts fit for one line of an error or a log.
package text

import (
	"fmt"
	"strconv"
	"strings"
)

// MaxName and MaxDetail bound names and sentences that somebody else wrote, in bytes.
const (
	MaxName   = 128
	MaxDetail = 512
)

// Clip bounds a text to n bytes and flattens its control characters, so that one error is one line.
func Clip(s string, n int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == ' ' }), " ")
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// Format writes the same text for every verb, quoted for %q. It is the Format method of types whose fields must not be
// printed.
func Format(s fmt.State, verb rune, text string) {
	if verb == 'q' {
		text = strconv.Quote(text)
	}
	_, _ = s.Write([]byte(text))
}
