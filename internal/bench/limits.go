package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/webhook"
)

// limit is a small operation with an upper bound of its own, as there is nothing to compare it with.
type limit struct {
	name   string
	time   time.Duration
	allocs float64
	// prepare returns the operation, which is run fewer than 400 times: a full limiter lets that many pass at once.
	prepare func() func() error
}

const repeatsOfLimits = 400

func limits() []limit {
	return []limit{
		{"`webhook.Verifier.Verify` of an event of 200 bytes", 3 * time.Microsecond, 8, func() func() error {
			const secret = "bench-secret"
			body := []byte(`{"event_type":"update","data_type":"daily_sleep","object_id":"41c8e0f3-9b56-4b0d-8f5b-8d2a7c6e1b01",` +
				`"event_time":"2026-03-12T05:14:09+00:00","user_id":"` + strings.Repeat("u", 34) + `"}`)
			timestamp := strconv.FormatInt(time.Now().UnixMilli(), 10)
			header := http.Header{
				webhook.TimestampHeader: {timestamp},
				webhook.SignatureHeader: {webhook.Sign(secret, timestamp, body)},
			}
			v := webhook.Verifier{ClientSecret: secret}
			return func() error { return v.Verify(header, body) }
		}},
		{"`oura.Limiter.Wait` that need not wait", 500 * time.Nanosecond, 0, func() func() error {
			l := oura.NewLimiter()
			return func() error { return l.Wait(context.Background()) }
		}},
	}
}

// measureLimit returns medians over rounds.
func measureLimit(l limit, rounds int) (took time.Duration, allocs float64, err error) {
	var times []float64
	for range rounds {
		op := l.prepare()
		begin := time.Now()
		for range repeatsOfLimits {
			if err := op(); err != nil {
				return 0, 0, fmt.Errorf("%s: %w", l.name, err)
			}
		}
		times = append(times, float64(time.Since(begin))/repeatsOfLimits)
	}
	op := l.prepare()
	allocs = testing.AllocsPerRun(repeatsOfLimits-2, func() { err = op() })
	return time.Duration(median(times)), allocs, err
}

func reportLimits(w io.Writer, rounds int) error {
	fmt.Fprintf(w, "\n| | time | at most | allocations | at most |\n|---|--:|--:|--:|--:|\n")
	for _, l := range limits() {
		took, allocs, err := measureLimit(l, rounds)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "| %s | %v | %v | %.0f | %.0f |\n", l.name, took, l.time, allocs, l.allocs)
	}
	return nil
}
