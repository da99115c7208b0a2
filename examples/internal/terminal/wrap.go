// Package terminal lets the text of the examples fit a terminal of 80 columns.
package terminal

import (
	"strings"
	"unicode/utf8"
)

// Columns is the width that every terminal has.
const Columns = 80

// Wrap breaks text between words, so that it fits Columns after a head, as in "  error: ", and indents the lines that
// follow by the head's width. A word that is longer than a line stays whole, so that it can be copied.
func Wrap(head, text string) string {
	margin := utf8.RuneCountInString(head)
	var b strings.Builder
	b.WriteString(head)
	at := margin
	for _, line := range strings.SplitAfter(text, "\n") {
		for word := range strings.FieldsSeq(line) {
			width := utf8.RuneCountInString(word)
			switch {
			case at == margin:
			case at+1+width > Columns:
				b.WriteString("\n" + strings.Repeat(" ", margin))
				at = margin
			default:
				b.WriteByte(' ')
				at++
			}
			b.WriteString(word)
			at += width
		}
		if strings.HasSuffix(line, "\n") {
			b.WriteString("\n" + strings.Repeat(" ", margin))
			at = margin
		}
	}
	return b.String()
}
