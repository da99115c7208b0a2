// Package text makes texts fit for one line of an error or a log.
package text

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// MaxName and MaxDetail bound names and sentences that somebody else wrote, in bytes.
const (
	MaxName   = 128
	MaxDetail = 512
)

// Clip bounds a text to n bytes and flattens what cannot be printed, so that one error is one line.
func Clip(s string, n int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || !unicode.IsPrint(r) }), " ")
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
