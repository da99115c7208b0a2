package main

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"
)

// measured are the medians of one contender in one job.
type measured struct {
	time   float64 // relative to the baseline of the same round
	allocs float64 // per run
	bytes  float64
}

// minRound is how long the baseline runs in one round, if a run is not longer.
const minRound = 250 * time.Millisecond

// maxTurns is how often contenders with short jobs take turns within a round: a processor that is away for a moment
// then misses in none of them more than in another.
const maxTurns = 20

// minTurn is how many runs a turn has, so that the first, which finds cold caches, does not count for much.
const minTurn = 10

// measure runs all contenders of a job in turn, round after round, so that what else the machine does falls on all of
// them alike. Ratios are taken within a round, and medians over the rounds. The service runs in the same process: its
// share is in every figure.
func measure(ctx context.Context, j job, e env, rounds int, now func() time.Duration) ([]measured, error) {
	n := len(j.contenders)
	var base time.Duration
	for range 3 { // warms up connections and pools, too
		for i, c := range j.contenders {
			took, err := timed(ctx, c, e, 3, wallTime)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", j.name, c.name, err)
			}
			if i == 0 {
				base = max(took, time.Microsecond)
			}
		}
	}
	repeats := max(1, int(minRound/base)) // the same for all
	turns := max(1, min(maxTurns, repeats/minTurn))
	repeats = max(1, repeats/turns)
	times, allocs, bytes := make([][]float64, n), make([][]float64, n), make([][]float64, n)
	for range rounds {
		runtime.GC()
		round := make([]float64, n)
		roundAllocs, roundBytes := make([]float64, n), make([]float64, n)
		for range turns {
			for i, c := range j.contenders {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				took, err := timed(ctx, c, e, repeats, now)
				if err != nil {
					return nil, fmt.Errorf("%s: %s: %w", j.name, c.name, err)
				}
				runtime.ReadMemStats(&after)
				runs := float64(repeats * turns)
				round[i] += float64(took)
				roundAllocs[i] += float64(after.Mallocs-before.Mallocs) / runs
				roundBytes[i] += float64(after.TotalAlloc-before.TotalAlloc) / runs
			}
		}
		for i := range round {
			times[i] = append(times[i], round[i]/round[0])
			allocs[i], bytes[i] = append(allocs[i], roundAllocs[i]), append(bytes[i], roundBytes[i])
		}
	}
	results := make([]measured, n)
	for i := range results {
		results[i] = measured{median(times[i]), median(allocs[i]), median(bytes[i])}
	}
	return results, nil
}

// timed returns how long one run takes, by the clock.
func timed(ctx context.Context, c contender, e env, repeats int, now func() time.Duration) (time.Duration, error) {
	start := now()
	for range repeats {
		if _, _, err := c.run(ctx, e); err != nil {
			return 0, err
		}
	}
	return (now() - start) / time.Duration(repeats), nil
}

var started = time.Now()

// wallTime is the usual clock.
func wallTime() time.Duration { return time.Since(started) }

// processTime counts only while this process runs, where the system tells. It is the better clock on a machine with
// more to do than processors, but sees a network's share only as far as the system counts it.
func processTime() time.Duration {
	if t, ok := cpuTime(); ok {
		return t
	}
	return wallTime()
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	if len(v) == 0 {
		return 0
	}
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}
