// Command bench measures this module against what a user would write without it, and prints a table in Markdown. All
// contenders take their turns in each round, so that ratios hold on a busy machine too; absolute times are not printed.
//
//	go run -C internal/bench .
//
// What package mirror costs is measured beside its databases, in internal/integration/mirror/bench_test.go.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"time"
)

// bench is the program, once the stock client is there.
func bench() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	rounds := flag.Int("rounds", 9, "interleaved rounds; the table has their medians")
	year := flag.Int("year", 365, "days of heart rate to read with and without Parallel; 0 leaves the memory out")
	delay := flag.Duration("delay", 100*time.Millisecond, "what a request of that takes")
	only := flag.String("only", "", "measure only what has this in its name: the jobs, \"limits\" and \"memory\"")
	network := flag.Bool("network", true, "take answers from a listener on the loopback interface; otherwise from memory")
	cpu := flag.Bool("cpu", false, "measure the process's own time in place of the clock's, for machines that are busy otherwise")
	flag.Parse()
	now, clock := wallTime, "time"
	if *cpu {
		now, clock = processTime, "processor time"
	}
	err := reportJobs(ctx, os.Stdout, options{*rounds, *only, *network, now, clock})
	if err == nil && strings.Contains("limits", *only) {
		err = reportLimits(os.Stdout, *rounds)
	}
	if err == nil && strings.Contains("memory", *only) && *year > 0 {
		err = reportMemory(ctx, os.Stdout, *year, *delay)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the flags of the tables.
type options struct {
	rounds  int
	only    string
	network bool
	now     func() time.Duration
	clock   string
}

// reportJobs prints tables of times, allocations and bytes.
func reportJobs(ctx context.Context, w io.Writer, o options) error {
	jobs := newJobs()
	s := newService(jobs)
	origin, transport := "http://localhost", http.RoundTripper(s)
	if o.network {
		o, stop, err := listen(s)
		if err != nil {
			return err
		}
		defer stop()
		t := usual()
		defer t.CloseIdleConnections()
		origin, transport = o, t
	}
	e, err := newEnv(origin, transport)
	if err != nil {
		return err
	}
	var measuredJobs []job
	var results [][]measured
	for _, j := range jobs {
		if !strings.Contains(j.name, o.only) {
			continue
		}
		fmt.Fprintln(os.Stderr, "measuring:", j.name)
		m, err := measure(ctx, j, e, o.rounds, o.now)
		if err != nil {
			return err
		}
		measuredJobs, results = append(measuredJobs, j), append(results, m)
	}
	if len(results) == 0 {
		return nil
	}
	fmt.Fprintf(w, "%s, %s/%s, medians of %d interleaved rounds.\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, o.rounds)
	table(w, o.clock+" relative to "+baseline, measuredJobs, results,
		func(_ job, m measured) string { return fmt.Sprintf("%.2f", m.time) })
	table(w, "allocations per document", measuredJobs, results,
		func(j job, m measured) string { return fmt.Sprintf("%.2f", m.allocs/float64(j.rows)) })
	table(w, "bytes per document", measuredJobs, results,
		func(j job, m measured) string { return fmt.Sprintf("%.0f", m.bytes/float64(j.rows)) })
	return nil
}

// table has a row for each contender and a column for each job: all jobs have the same contenders.
func table(w io.Writer, title string, jobs []job, results [][]measured, cell func(job, measured) string) {
	fmt.Fprintf(w, "\n| %s |", title)
	for _, j := range jobs {
		fmt.Fprintf(w, " %s |", j.name)
	}
	fmt.Fprintf(w, "\n|---|%s\n", strings.Repeat("--:|", len(jobs)))
	for i, c := range jobs[0].contenders {
		fmt.Fprintf(w, "| %s |", c.name)
		for n, j := range jobs {
			fmt.Fprintf(w, " %s |", cell(j, results[n][i]))
		}
		fmt.Fprintln(w)
	}
}
