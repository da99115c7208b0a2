package oauth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxPaste bounds a pasted line; a callback's address is far shorter.
const maxPaste = 16 << 10

// readPaste reads lines until one is the callback of the attempt. One line is read at a time, and by a goroutine of its
// own, because a Read cannot be ended.
func readPaste(ctx context.Context, in io.Reader, out io.Writer, a attempt, redirectURL string) (granted, error) {
	_, _ = fmt.Fprintf(out, "After that the browser fails to load an address that begins with\n%s\nCopy that address from the browser, and paste it here:\n", redirectURL)
	failed := ErrPaste // what the end of in returns
	for {
		lines := make(chan pastedLine, 1)
		go func() { lines <- readLine(in) }()
		var line pastedLine
		select {
		case line = <-lines:
		case <-ctx.Done():
			return granted{}, context.Cause(ctx)
		}
		if line.text != "" {
			got, err := a.pasted(line.text)
			switch {
			case err == nil:
				return got, nil
			case !errors.Is(err, ErrPaste) && !errors.Is(err, ErrState) && !errors.Is(err, ErrNoCode):
				return granted{}, err // this login's callback, and it brings no code for us
			}
			failed = err
		}
		switch {
		case errors.Is(line.err, io.EOF):
			return granted{}, failed
		case line.err != nil:
			return granted{}, fmt.Errorf("%w (%w)", failed, line.err)
		case errors.Is(failed, ErrState) && line.text != "":
			_, _ = fmt.Fprintln(out, "That address is of another login. Open the page above, and paste the address that this ends at:")
		default:
			_, _ = fmt.Fprintln(out, "That is not the address. Paste the whole of it, with code= and state= in it:")
		}
	}
}

// pasted reads a callback from its address. Browsers show addresses without their scheme, or with https for http: the
// state says whose callback it is, not the rest.
func (a attempt) pasted(line string) (granted, error) {
	line, _, _ = strings.Cut(strings.Trim(line, "\"'<> "), "#")
	query := line[strings.Index(line, "?")+1:]
	if !strings.Contains("&"+query, "&state=") {
		return granted{}, ErrPaste
	}
	return a.read(query)
}

type pastedLine struct {
	text string
	err  error
}

// readLine reads a line and nothing beyond it: the rest of in is the program's.
func readLine(in io.Reader) pastedLine {
	var text strings.Builder
	one := make([]byte, 1)
	for {
		_, err := io.ReadFull(in, one)
		if err != nil || one[0] == '\n' {
			return pastedLine{strings.TrimSpace(text.String()), err}
		}
		if text.Len() < maxPaste {
			text.WriteByte(one[0])
		}
	}
}
