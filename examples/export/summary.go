package main

import (
	"fmt"
	"os"
	"text/tabwriter"

	"github.com/dustin/go-humanize"

	"github.com/oura-go/sdk/oura/mirror"
)

// summary prints what there is, and what there is not.
func summary(sums []sum, report mirror.Report) error {
	notes := map[string]string{}
	for _, c := range report.Collections {
		switch {
		case c.MissingScope != "":
			notes[c.Collection] = "withheld: the scope " + c.MissingScope
		case c.Err != nil:
			notes[c.Collection] = "failed, see below"
		}
	}
	documents, size := 0, uint64(0)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\ncollection\tdocuments\tsize\t")
	for _, s := range sums {
		if s.malformed > 0 && notes[s.name] == "" {
			notes[s.name] = fmt.Sprintf("%d do not fit the model: JSON only", s.malformed)
		}
		documents += s.documents
		size += s.size
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\n", s.name, s.documents, humanize.Bytes(s.size), notes[s.name])
	}
	fmt.Fprintf(w, "\n%d documents, %s\n", documents, humanize.Bytes(size))
	return w.Flush()
}
