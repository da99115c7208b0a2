//go:build stock

package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/oura-go/sdk/internal/bench/stock"
)

func main() { bench() }

// stockClient is the client that the generator makes of openapi.yaml by itself.
type stockClient = *stock.ClientWithResponses

func newStockClient(origin string, hc *http.Client) (stockClient, error) {
	return stock.NewClientWithResponses(origin+"/v2", stock.WithHTTPClient(hc),
		stock.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
			r.Header.Set("Authorization", "Bearer "+accessToken)
			return nil
		}))
}

// stocked is the contender for the job at the path.
func stocked(path string, query url.Values) []contender {
	start, end := query.Get("start_date"), query.Get("end_date")
	id := path[strings.Index(path, "/")+1:]
	jobs := map[string]run{
		"heartrate": stockHeartRates(query.Get("start_datetime"), query.Get("end_datetime")),
		"daily_activity": func(ctx context.Context, e env) (rows, total int, err error) {
			resp, err := e.stock.ListDailyActivityWithResponse(ctx, &stock.ListDailyActivityParams{StartDate: &start, EndDate: &end})
			if err != nil || resp.JSON200 == nil {
				return 0, 0, fmt.Errorf("no page: %w", err)
			}
			for _, d := range resp.JSON200.Data {
				rows++
				total += d.Steps + *d.Score + len(*d.Class5Min) + len(d.Met.Items)
			}
			return rows, total, nil
		},
		"sleep": func(ctx context.Context, e env) (rows, total int, err error) {
			resp, err := e.stock.ListSleepWithResponse(ctx, &stock.ListSleepParams{StartDate: &start, EndDate: &end})
			if err != nil || resp.JSON200 == nil {
				return 0, 0, fmt.Errorf("no page: %w", err)
			}
			for _, d := range resp.JSON200.Data {
				rows++
				total += *d.TotalSleepDuration + d.TimeInBed + len(*d.Movement30Sec) + len(d.HeartRate.Items) + len(*d.Type)
			}
			return rows, total, nil
		},
		"daily_sleep": func(ctx context.Context, e env) (rows, total int, err error) {
			resp, err := e.stock.ListDailySleepWithResponse(ctx, &stock.ListDailySleepParams{StartDate: &start, EndDate: &end})
			if err != nil || resp.JSON200 == nil {
				return 0, 0, fmt.Errorf("no page: %w", err)
			}
			for i := range resp.JSON200.Data {
				rows++
				total += stockScore(&resp.JSON200.Data[i])
			}
			return rows, total, nil
		},
		"daily_sleep/" + id: func(ctx context.Context, e env) (int, int, error) {
			resp, err := e.stock.GetDailySleepWithResponse(ctx, id)
			if err != nil || resp.JSON200 == nil {
				return 0, 0, fmt.Errorf("no document: %w", err)
			}
			return 1, stockScore(resp.JSON200), nil
		},
	}
	return []contender{{"oapi-codegen ClientWithResponses", jobs[path]}}
}

func stockHeartRates(start, end string) run {
	return func(ctx context.Context, e env) (rows, total int, err error) {
		params := &stock.ListHeartRateParams{StartDatetime: &start, EndDatetime: &end}
		for {
			resp, err := e.stock.ListHeartRateWithResponse(ctx, params)
			if err != nil || resp.JSON200 == nil {
				return rows, total, fmt.Errorf("no page: %w", err)
			}
			for _, r := range resp.JSON200.Data {
				rows++
				total += r.Bpm + len(r.Source) + r.Timestamp.Second()
			}
			if params.NextToken = resp.JSON200.NextToken; params.NextToken == nil {
				return rows, total, nil
			}
		}
	}
}

func stockScore(d *stock.DailySleep) int {
	return *d.Score + *d.Contributors.Timing + len(d.Id) + d.Timestamp.Day()
}
