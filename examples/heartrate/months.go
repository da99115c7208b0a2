package main

import (
	"fmt"
	"io"
	"time"
)

// months sums rows up, in the order in which they come, and prints each month as soon as it is over: that is what a person
// sees while the others are read.
type months struct {
	out      io.Writer
	from, to time.Time
	rows     int // of all months
	month    string
	n        int
	count    [256]int // of each heart rate; a histogram stays small, however many rows there are
}

func (m *months) add(at time.Time, bpm int) {
	if name := at.Format("2006-01"); name != m.month {
		m.print(at)
		*m = months{out: m.out, from: m.from, to: m.to, rows: m.rows, month: name}
	}
	m.count[min(max(bpm, 0), len(m.count)-1)]++
	m.n++
	m.rows++
}

// at is the heart rate that the share of the rows does not exceed.
func (m *months) at(share float64) int {
	rest := max(int(share*float64(m.n)), 1)
	for bpm, n := range m.count {
		if rest -= n; rest <= 0 {
			return bpm
		}
	}
	return 0
}

// heading is of the columns that print writes.
const heading = "  month    rows   lowest   median  highest    read"

// print writes the month, and the share of the days up to the instant.
func (m *months) print(to time.Time) {
	if m.n > 0 {
		share := 100 * to.Sub(m.from) / m.to.Sub(m.from)
		fmt.Fprintf(m.out, "%7s%8d%5d bpm%5d bpm%5d bpm%7d%%\n", m.month, m.n, m.at(0), m.at(0.5), m.at(1), share)
	}
}
