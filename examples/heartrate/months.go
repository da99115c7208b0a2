package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// months sums rows up, in the order in which they come.
type months struct {
	list []*month
	rows int
}

type month struct {
	name  string
	rows  int
	count [256]int // of each heart rate; a histogram stays small, however many rows there are
}

func (m *months) add(at time.Time, bpm int) {
	name := at.Format("2006-01")
	if len(m.list) == 0 || m.list[len(m.list)-1].name != name {
		m.list = append(m.list, &month{name: name})
	}
	last := m.list[len(m.list)-1]
	last.count[min(max(bpm, 0), len(last.count)-1)]++
	last.rows++
	m.rows++
}

// at is the heart rate that the share of the rows does not exceed.
func (m *month) at(share float64) int {
	rest := max(int(share*float64(m.rows)), 1)
	for bpm, n := range m.count {
		if rest -= n; rest <= 0 {
			return bpm
		}
	}
	return 0
}

func (m *months) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "month\trows\tlowest\tmedian\thighest\t")
	for _, v := range m.list {
		fmt.Fprintf(w, "%s\t%d\t%d bpm\t%d bpm\t%d bpm\t\n", v.name, v.rows, v.at(0), v.at(0.5), v.at(1))
	}
	return w.Flush()
}
