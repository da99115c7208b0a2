package oura_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/oura-go/sdk/internal/fixtures"
	"github.com/oura-go/sdk/oura"
)

// served is a client for which every response has the body, compressed.
func served(t testing.TB, body string, opts ...oura.Option) (c *oura.Client, wire int) {
	t.Helper()
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := io.WriteString(z, body); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	c, err := oura.NewClient(append([]oura.Option{
		oura.WithAccessToken("a"), oura.WithAppCredentials("i", "s"), oura.WithLimiter(rate.NewLimiter(rate.Inf, 1)), oura.WithRetry(oura.NoRetry),
		oura.WithHTTPClient(&http.Client{Transport: zippedBody(zipped.Bytes())}),
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c, zipped.Len()
}

type zippedBody []byte

func (b zippedBody) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Encoding": {"gzip"}}, ContentLength: int64(len(b)),
		Body: io.NopCloser(bytes.NewReader(b)), Request: r,
	}, nil
}

// drain reads a listing and drops what it yields.
func drain[T any](seq iter.Seq2[T, error]) (err error) {
	for _, e := range seq {
		if _, ok := errors.AsType[*oura.Error](e); ok {
			err = e
		}
	}
	return err
}

// TestAmplification: no response, however it is made, takes more than 8 bytes of memory for each byte that it may have.
// All that is allocated counts, which is more than there ever is at once. Not parallel: it is all of the process.
func TestAmplification(t *testing.T) {
	allowed := 512 << 10
	if testing.Short() {
		allowed = 128 << 10
	}
	week := oura.LastDays(7, time.UTC)
	page := func(item string) string {
		return `{"data":[` + strings.Repeat(item+",", (allowed-100)/(len(item)+1)) + item + `]}`
	}
	inside := func(before, item, after string) string {
		return before + strings.Repeat(item+",", (allowed-500)/(len(item)+1)) + item + after
	}
	unique := func() string {
		var b strings.Builder
		for i := 0; b.Len() < allowed-100; i++ {
			fmt.Fprintf(&b, `"%x":1,`, i)
		}
		return b.String()
	}()
	type anything = map[string]any
	activity := func(ctx context.Context, c *oura.Client) error { return drain(c.DailyActivity.List(ctx)) }
	sleep := func(ctx context.Context, c *oura.Client) error { return drain(c.Sleep.List(ctx, week)) }
	heart := func(ctx context.Context, c *oura.Client) error { return drain(c.HeartRate.List(ctx)) }
	modes := func(ctx context.Context, c *oura.Client) error { return drain(c.RestModePeriod.List(ctx, week)) }
	tags := func(ctx context.Context, c *oura.Client) error { return drain(c.Tag.List(ctx)) }
	raw := func(ctx context.Context, c *oura.Client) error {
		return drain(oura.As[json.RawMessage](c.Sleep).List(ctx, week))
	}
	own := func(ctx context.Context, c *oura.Client) error {
		return drain(oura.NewDocuments[anything](c, "ours", nil).List(ctx))
	}
	subscriptions := func(ctx context.Context, c *oura.Client) error { _, err := c.Subscriptions.List(ctx); return err }
	person := func(ctx context.Context, c *oura.Client) error { _, err := c.PersonalInfo(ctx); return err }
	night := func(ctx context.Context, c *oura.Client) error { _, err := c.Sleep.Get(ctx, "id"); return err }
	latest := func(ctx context.Context, c *oura.Client) error { _, err := c.HeartRate.Latest(ctx); return err }
	for name, hostile := range map[string]struct {
		body string
		ask  func(context.Context, *oura.Client) error
	}{
		"empty documents":               {page(`{}`), activity},
		"empty documents with a day":    {page(`{}`), sleep},
		"empty rows":                    {page(`{}`), heart},
		"empty raw documents":           {page(`{}`), raw},
		"empty maps":                    {page(`{}`), own},
		"empty subscriptions":           {"[" + strings.TrimSuffix(strings.TrimPrefix(page(`{}`), `{"data":[`), "}"), subscriptions},
		"numbers for documents":         {page(`1`), activity},
		"numbers for raw documents":     {page(`1`), raw},
		"nulls for documents":           {page(`null`), heart},
		"arrays for documents":          {page(`[]`), sleep},
		"one that fits, then numbers":   {strings.Replace(page(`1`), "1", "{}", 1), activity},
		"empty documents, then garbage": {page(`{}`) + "x", activity},
		"short documents":               {page(`{"a":1}`), activity},
		"a document that holds many":    {inside(`{"data":[{"x":[`, `{}`, `]}]}`), activity},
		"samples of a digit":            {inside(`{"data":[{"met":{"interval":60,"items":[`, `1`, `]}}]}`), activity},
		"samples that are none":         {inside(`{"data":[{"met":{"interval":60,"items":[`, `"`+`"`, `]}}]}`), activity},
		"many short samples":            {page(`{"met":{"items":[1,1,1,1]}}`), activity},
		"empty episodes":                {inside(`{"data":[{"episodes":[`, `{}`, `]}]}`), modes},
		"empty episodes, and a mistake": {inside(`{"data":[{"id":7,"episodes":[`, `{}`, `]}]}`), modes},
		"empty tags":                    {inside(`{"data":[{"tags":[`, `""`, `]}]}`), tags},
		"empty tags, and a mistake":     {inside(`{"data":[{"id":7,"tags":[`, `""`, `]}]}`), tags},
		"exponents":                     {inside(`{"data":[{"id":7,"x":[`, `9e15`, `]}]}`), activity},
		"exponents in many documents":   {page(`{"id":7,"x":[9e15]}`), activity},
		"many properties":               {`{"data":[{` + unique + `"day":"2026-01-01"}]}`, own},
		"many raw properties":           {`{"data":[{` + unique + `"day":"2026-01-01"}]}`, raw},
		"many properties, a mistake":    {`{"data":[{` + unique + `"id":7}]}`, sleep},
		"numbers in any":                {inside(`{"data":[{"x":[`, `1`, `]}]}`), own},
		"maps in any":                   {inside(`{"data":[{"x":[`, `{"":1}`, `]}]}`), own},
		"deep":                          {`{"data":[` + strings.Repeat("[", allowed-100), own},
		"an endless token":              {`{"data":[],"next_token":"` + strings.Repeat("+", allowed-100) + `"}`, activity},
		"a token of escapes":            {`{"data":[],"next_token":"` + strings.Repeat(`\u0041`, allowed/6-100) + `"}`, own},
		"white space":                   {`{"data":[` + strings.Repeat(" ", allowed-100) + `]}`, activity},
		"too long":                      {strings.Repeat(page(`{}`), 100), activity},
		"episodes in one":               {inside(`{"data":{"episodes":[`, `{}`, `]}}`), modes},
		"a profile of many":             {inside(`{"x":[`, `{}`, `]}`), person},
		"a night of many":               {inside(`{"heart_rate":{"items":[`, `1`, `]}}`), night},
		"many latest rows":              {page(`{}`), latest},
		"raw documents of another day":  {page(`{"day":"1999-01-01"}`), raw},
		"one property again, and null":  {inside(`{"data":[{"met":null,`, `"steps":1`, `,"id":7}]}`), activity},
	} {
		c, wire := served(t, hostile.body, oura.WithMaxBody(int64(allowed)))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := hostile.ask(t.Context(), c)
		runtime.ReadMemStats(&after)
		if e, ok := errors.AsType[*oura.Error](err); err != nil && (!ok || !errors.Is(err, oura.ErrInvalidResponse) && !errors.Is(err, oura.ErrNotFound) || len(e.Error()) > 1000) {
			t.Errorf("%s: %v", name, err)
		}
		times := float64(after.TotalAlloc-before.TotalAlloc) / float64(allowed)
		t.Logf("%-32s %7d bytes on the wire, %5.2f times what is allowed: %v", name, wire, times, err)
		if times > 8 {
			t.Errorf("%s: %.2f times what is allowed", name, times)
		}
	}
}

// TestAmplificationSaysWhatToDo: the 12 KB of which 1.2 GB were made, under default options.
func TestAmplificationSaysWhatToDo(t *testing.T) {
	t.Parallel()
	c, wire := served(t, `{"data":[`+strings.Repeat(`{},`, 4_000_000)+`{}]}`)
	err := drain(c.DailyActivity.List(t.Context()))
	if !errors.Is(err, oura.ErrInvalidResponse) || !strings.Contains(err.Error(), "WithMaxBody") {
		t.Errorf("%d bytes: got %v", wire, err)
	}
}

// TestLargePages: what a service may send in good faith is read, all of it, by default: histories of many years in one
// page, in the way of nearly all pages and in that of pages with a mistake in them.
func TestLargePages(t *testing.T) {
	t.Parallel()
	full := func(collection string) string { return string(fixtures.Document(collection, fixtures.Full)) }
	minutes := `{"id":"a","day":"2026-01-01","class_5_min":"` + strings.Repeat("0123", 72) + `","met":{"interval":60.0,"timestamp":"2026-01-01T04:00:00.000+02:00","items":[` +
		strings.TrimSuffix(strings.Repeat("0.9,1.3,0.9,", 480), ",") + `]}}`
	const sparse = `{"id":"8f9a5221-639e-4a85-81cb-4065ef23f979","day":"2026-01-01"}`
	for name, tt := range map[string]struct {
		doc   string
		count int
		list  func(*oura.Client) (int, error)
	}{
		"two years of activity by the minute": {minutes, 730, count(func(c *oura.Client) iter.Seq2[oura.DailyActivity, error] { return c.DailyActivity.List(t.Context()) })},
		"five years of nights":                {full("sleep"), 1825, count(func(c *oura.Client) iter.Seq2[oura.Sleep, error] { return c.Sleep.List(t.Context()) })},
		"ten years of days of nights":         {sparse, 3650, count(func(c *oura.Client) iter.Seq2[oura.Sleep, error] { return c.Sleep.List(t.Context()) })},
		"a month of heart rates":              {full("heartrate"), 33_000, count(func(c *oura.Client) iter.Seq2[oura.HeartRate, error] { return c.HeartRate.List(t.Context()) })},
		"a year of activity, raw": {minutes, 365, count(func(c *oura.Client) iter.Seq2[json.RawMessage, error] {
			return oura.As[json.RawMessage](c.DailyActivity).List(t.Context())
		})},
		"a season of activity in maps": {minutes, 100, count(func(c *oura.Client) iter.Seq2[map[string]any, error] {
			return oura.NewDocuments[map[string]any](c, "ours", nil).List(t.Context())
		})},
	} {
		for _, mistake := range []string{"", `{"id":7},`} {
			c, _ := served(t, `{"data":[`+mistake+strings.Repeat(tt.doc+",", tt.count-1)+tt.doc+`]}`)
			if n, err := tt.list(c); err != nil || n < tt.count {
				t.Errorf("%s with %q: %d of %d, %v", name, mistake, n, tt.count, err)
			}
		}
	}
}

// count counts what a listing yields, documents that do not fit aside.
func count[T any](list func(*oura.Client) iter.Seq2[T, error]) func(*oura.Client) (int, error) {
	return func(c *oura.Client) (n int, err error) {
		for _, e := range list(c) {
			if _, ok := errors.AsType[*oura.Error](e); ok {
				return n, e
			}
			if e == nil {
				n++
			}
		}
		return n, nil
	}
}
