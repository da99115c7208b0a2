package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// progress is a line of a terminal that is written anew. Where there is no terminal it is silent.
type progress struct {
	out      *os.File
	from, to time.Time
	next     time.Time // when to write again
	terminal bool
}

func newProgress(out *os.File, from, to time.Time) *progress {
	info, err := out.Stat()
	return &progress{out: out, from: from, to: to, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

// show is cheap enough to be called for each row.
func (p *progress) show(at time.Time, rows int, requests int64) {
	if now := time.Now(); p.terminal && now.After(p.next) {
		p.next = now.Add(100 * time.Millisecond)
		const width = 30
		done := int(width * at.Sub(p.from) / p.to.Sub(p.from))
		fmt.Fprintf(p.out, "\r%s%s  %s  %d rows, %d requests ", strings.Repeat("█", done), strings.Repeat("░", width-done),
			at.Local().Format(time.DateOnly), rows, requests)
	}
}

// clear leaves the line to what follows.
func (p *progress) clear() {
	if p.terminal {
		fmt.Fprint(p.out, "\r\033[K")
	}
}
