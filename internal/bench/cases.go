package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/time/rate"

	"github.com/oura-go/sdk/oura"
)

const accessToken = "bench-token"

// env is where a run takes its answers from.
type env struct {
	origin string
	http   *http.Client
	sdk    *oura.Client
	stock  stockClient
}

func newEnv(origin string, transport http.RoundTripper) (env, error) {
	e := env{origin: origin, http: &http.Client{Transport: transport}}
	var err error
	e.sdk, err = oura.NewClient(oura.WithAccessToken(accessToken), oura.WithBaseURL(origin),
		oura.WithHTTPClient(&http.Client{Transport: transport}), oura.WithLimiter(rate.NewLimiter(rate.Inf, 1)))
	if err != nil {
		return e, err
	}
	e.stock, err = newStockClient(origin, e.http)
	return e, err
}

// run does a job once and returns what it has seen, so that all who do the job can be held against each other.
type run func(ctx context.Context, e env) (rows, total int, err error)

// contender is one way to do a job.
type contender struct {
	name string
	run  run
}

const (
	baseline   = "net/http + encoding/json"
	thisModule = "this module"
	floorName  = "only reading the bytes"
)

// job is one row of the table.
type job struct {
	name       string
	path       string
	rows       int
	pages      [][]byte
	contenders []contender
}

func engines[T any](path string, query url.Values, sum func(*T) int) []contender {
	var c []contender
	for _, e := range []struct {
		name   string
		decode engine
	}{
		{baseline, useStandard}, {"go-json-experiment", useV2}, {"goccy/go-json", useGoccy}, {"segmentio/encoding", useSegmentio},
	} {
		c = append(c, contender{"net/http + " + e.name, plainWalk(e.decode, path, query, sum)})
	}
	c[0].name = baseline
	return c
}

// newJobs makes all data and all contenders.
func newJobs() []job {
	g := newGenerator()
	return []job{
		heartRateJob("100,000 heart rates, 20 pages", g, 20, 5000),
		dailyActivityJob(g),
		sleepJob(g),
		dailySleepJob(g),
		documentJob(g),
	}
}

func heartRateJob(name string, g *generator, pages, size int) job {
	const path = "heartrate"
	rows := g.heartRates(instant0, rowStep, pages*size)
	j := job{name: name, path: path, rows: len(rows)}
	for i := range pages {
		next := ""
		if i+1 < pages {
			next = fmt.Sprint(i + 1)
		}
		j.pages = append(j.pages, page(next, rows[i*size:(i+1)*size]))
	}
	// A range with an end beyond the last row: every row is compared with it, as in any other listing.
	from, to := instant0, instant0.Add(time.Duration(len(rows))*rowStep)
	query := url.Values{"start_datetime": {from.Format(time.RFC3339)}, "end_datetime": {to.Format(time.RFC3339)}}
	j.contenders = append(engines(path, query, func(r *plainHeartRate) int { return r.BPM + len(r.Source) + r.Timestamp.Second() }),
		contender{thisModule, func(ctx context.Context, e env) (rows, total int, err error) {
			for r, err := range e.sdk.HeartRate.List(ctx, oura.Between(from, to)) {
				if err != nil {
					return rows, total, err
				}
				rows++
				total += r.BPM + len(r.Source) + r.Timestamp.Second()
			}
			return rows, total, nil
		}})
	j.contenders = append(append(j.contenders, stocked(path, query)...), contender{floorName, floor(path, query, pages)})
	return j
}

// days is the query of n documents, and the SDK's option for the same.
func days(n int) (url.Values, oura.DocumentOption) {
	from := oura.DateOf(instant0)
	to := from.AddDays(n - 1)
	return url.Values{"start_date": {from.AddDays(-1).String()}, "end_date": {to.AddDays(1).String()}}, oura.Days(from, to)
}

// documents is a job on a single page.
func documents[P, M any](
	name, path string, docs []string, plain func(*P) int, model func(*M) int, collection func(*oura.Client) *oura.Documents[M],
) job {
	query, option := days(len(docs))
	j := job{name: name, path: path, rows: len(docs), pages: [][]byte{page("", docs)}}
	j.contenders = append(engines(path, query, plain),
		contender{thisModule, func(ctx context.Context, e env) (rows, total int, err error) {
			for d, err := range collection(e.sdk).List(ctx, option) {
				if err != nil {
					return rows, total, err
				}
				rows++
				total += model(&d)
			}
			return rows, total, nil
		}})
	j.contenders = append(append(j.contenders, stocked(path, query)...), contender{floorName, floor(path, query, 1)})
	return j
}

func dailyActivityJob(g *generator) job {
	return documents("60 daily activities", "daily_activity", many(60, g.dailyActivity),
		func(d *plainDailyActivity) int { return d.Steps + d.Score + len(d.Class5Min) + len(d.MET.Items) },
		func(d *oura.DailyActivity) int { return d.Steps + *d.Score + len(*d.Class5Min) + len(d.MET.Items) },
		func(c *oura.Client) *oura.Documents[oura.DailyActivity] { return c.DailyActivity })
}

func sleepJob(g *generator) job {
	return documents("20 sleeps", "sleep", many(20, g.sleep),
		func(d *plainSleep) int {
			return d.TotalSleepDuration + d.TimeInBed + len(d.Movement30Sec) + len(d.HeartRate.Items) + len(d.Type)
		},
		func(d *oura.Sleep) int {
			return int(*d.TotalSleepDuration+d.TimeInBed) + len(*d.Movement30Sec) + len(d.HeartRate.Items) + len(*d.Type)
		},
		func(c *oura.Client) *oura.Documents[oura.Sleep] { return c.Sleep })
}

func plainScore(d *plainDailySleep) int {
	return d.Score + d.Contributors.Timing + len(d.ID) + d.Timestamp.Day()
}

func modelScore(d *oura.DailySleep) int {
	return *d.Score + *d.Contributors.Timing + len(d.ID) + d.Timestamp.Day()
}

func dailySleepJob(g *generator) job {
	return documents("100 daily sleeps", "daily_sleep", many(100, g.dailySleep), plainScore, modelScore,
		func(c *oura.Client) *oura.Documents[oura.DailySleep] { return c.DailySleep })
}

// documentJob is one small document, where what counts is the cost of a request.
func documentJob(g *generator) job {
	const id = "0a1b2c3d"
	const path = "daily_sleep/" + id
	j := job{name: "one daily sleep", path: path, rows: 1, pages: [][]byte{[]byte(g.dailySleep(0))}}
	j.contenders = []contender{
		{baseline, plainGet(useStandard, path, plainScore)},
		{"net/http + go-json-experiment", plainGet(useV2, path, plainScore)},
		{"net/http + goccy/go-json", plainGet(useGoccy, path, plainScore)},
		{"net/http + segmentio/encoding", plainGet(useSegmentio, path, plainScore)},
		{thisModule, func(ctx context.Context, e env) (int, int, error) {
			d, err := e.sdk.DailySleep.Get(ctx, id)
			if err != nil {
				return 0, 0, err
			}
			return 1, modelScore(&d), nil
		}},
	}
	j.contenders = append(append(j.contenders, stocked(path, nil)...), contender{floorName, floor(path, nil, 1)})
	return j
}

// newService answers for all jobs.
func newService(jobs []job) *service {
	s := &service{pages: map[string][][]byte{}, docs: map[string][]byte{}}
	for _, j := range jobs {
		if j.rows == 1 {
			s.docs[j.path] = j.pages[0]
		} else {
			s.pages[j.path] = j.pages
		}
	}
	return s
}
