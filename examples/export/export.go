package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/oura-go/sdk/examples/internal/source"
	"github.com/oura-go/sdk/oura"
)

// atATime is how many collections are read side by side. All of them pay the client's one rate limiter.
const atATime = 4

// result is what became of a collection.
type result struct {
	name string
	progress
	size int64
	err  error
}

// export reads everything and sums it up. It goes on after a collection that failed, so that a run gets as far as it
// can.
func export(ctx context.Context, src *source.Source, f *folder) error {
	person := exportPerson(ctx, src, f)
	switch {
	case errors.Is(person.err, errOtherPerson):
		return person.err
	case errors.Is(person.err, oura.ErrUnauthorized): // the collections would all say the same
		return fmt.Errorf("the access was refused: sign in again with the login example, or give a new OURA_ACCESS_TOKEN, "+
			"and run the same command again to go on: %w", person.err)
	}
	all := src.Client.Collections()
	results := make([]result, len(all))
	show := newBars(f, all)
	var group errgroup.Group
	group.SetLimit(atATime)
	for i, c := range all {
		group.Go(func() error {
			results[i] = exportOne(ctx, f, c, show.all[i])
			return nil
		})
	}
	_ = group.Wait() // the errors are in the results
	show.finish()
	if ctx.Err() != nil {
		return context.Canceled
	}
	return summary(append([]result{person}, results...))
}

func exportOne(ctx context.Context, f *folder, c oura.Collection, b *bar) (r result) {
	r.name = c.Path
	w, err := openFiles(f, c.Path)
	if err != nil {
		b.end(progress{}, err)
		r.err = err
		return r
	}
	if !w.Done {
		r.err = exportPages(ctx, c, f, w, func(at time.Time) { b.show(w.progress, at) })
	}
	b.end(w.progress, r.err)
	r.err = errors.Join(r.err, w.close())
	r.progress = w.progress
	r.size = w.Sizes[0] + w.Sizes[1] + w.Sizes[2]
	return r
}

// summary prints what there is. A failure is the error of the run; what the person has not shared is not.
func summary(results []result) error {
	var failed failures
	var documents int
	var size int64
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\ncollection\tdocuments\tsize\t")
	for _, r := range results {
		note := ""
		switch {
		case withheld(r.err):
			note = "withheld: " + r.err.Error()
		case errors.Is(r.err, oura.ErrInvalidRequest) && r.Cursor != "":
			note = "failed: the service no longer knows the place; use -restart"
			failed.add(r.name, r.err)
		case r.err != nil:
			note = "failed: " + cure(r.err)
			failed.add(r.name, r.err)
		case r.Rejected > 0:
			note = fmt.Sprintf("and %d that do not fit the model, as they came", r.Rejected)
		}
		documents += r.Documents + r.Rejected
		size += r.size
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\n", r.name, r.Documents, sizeText(r.size), note)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Printf("\n%d documents, %s\n", documents, sizeText(size))
	return failed.err()
}

// sizeText is a size for people.
func sizeText(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KB", float64(n)/(1<<10))
	default:
		return fmt.Sprintf("%d B", n)
	}
}
