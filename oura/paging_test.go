package oura_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/oura"
)

var threePages = pages(
	[]string{sleepDay("a", "2026-03-01"), sleepDay("b", "2026-03-02")},
	[]string{sleepDay("c", "2026-03-03")},
	[]string{sleepDay("d", "2026-03-04"), sleepDay("e", "2026-03-05")},
)

func TestListIsLazyAndRestarts(t *testing.T) {
	t.Parallel()
	c, s := scripted(t, threePages)
	list := c.DailySleep.List(t.Context())
	if n := len(s.requests()); n != 0 {
		t.Fatalf("%d requests before the first step", n)
	}
	want := []string{"a", "b", "c", "d", "e"}
	for pass := range 2 {
		var got []string
		for d, err := range list {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, d.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pass %d (-want +got):\n%s", pass, diff)
		}
		if n := len(s.requests()); n != 3*(pass+1) {
			t.Errorf("pass %d: %d requests in all, want %d", pass, n, 3*(pass+1))
		}
	}
}

func TestListSendsTokenBesideParameters(t *testing.T) {
	t.Parallel()
	c, s := scripted(t, threePages)
	if _, err := ids(t.Context(), c, oura.Days(date("2026-03-01"), date("2026-03-05")), oura.Fields("score")); err != nil {
		t.Fatal(err)
	}
	for i, u := range s.requests() {
		token := ""
		if i > 0 {
			token = fmt.Sprint(i)
		}
		want := map[string][]string{
			"start_date": {"2026-02-27"}, "end_date": {"2026-03-07"}, "fields": {"score,id,day"},
		}
		if token != "" {
			want["next_token"] = []string{token}
		}
		if diff := cmp.Diff(want, map[string][]string(u.Query())); diff != "" {
			t.Errorf("request %d (-want +got):\n%s", i, diff)
		}
	}
}

func TestListStopsWhereTheLoopDoes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		stopAt   string
		requests int
	}{{"a", 1}, {"b", 1}, {"c", 2}, {"d", 3}} {
		c, s := scripted(t, threePages)
		for d, err := range c.DailySleep.List(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if d.ID == tt.stopAt {
				break
			}
		}
		if n := len(s.requests()); n != tt.requests {
			t.Errorf("stopped at %s: %d requests, want %d", tt.stopAt, n, tt.requests)
		}
	}
}

func TestRequestErrorIsYieldedOnceAndLast(t *testing.T) {
	t.Parallel()
	c, _ := scripted(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("next_token") == "" {
			answer(w, http.StatusOK, pageJSON("1", sleepDay("a", "2026-03-01")))
			return
		}
		answer(w, http.StatusInternalServerError, `{"detail":"broken"}`)
	})
	var got []string
	for d, err := range c.DailySleep.List(t.Context()) { // goes on after errors, as a careless caller does
		if err != nil {
			got = append(got, "error")
			if !errors.Is(err, oura.ErrServer) {
				t.Errorf("%v is not ErrServer", err)
			}
			continue
		}
		got = append(got, d.ID)
	}
	if diff := cmp.Diff([]string{"a", "error"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	all, err := oura.Collect(c.DailySleep.List(t.Context()))
	if len(all) != 1 || !errors.Is(err, oura.ErrServer) {
		t.Errorf("Collect: %d documents and %v; want the one before the error, and the error", len(all), err)
	}
}

func TestMalformedDocumentCostsOnlyItself(t *testing.T) {
	t.Parallel()
	const secret = "987654321"
	broken := `{"id":"x","day":"2026-03-02","score":"` + secret + `","contributors":{}}`
	c, _ := scripted(t, pages(
		[]string{sleepDay("a", "2026-03-01"), broken, sleepDay("b", "2026-03-03"), `null`},
		[]string{`"` + secret + `"`, sleepDay("c", "2026-03-04")},
	))
	var got []string
	for d, err := range c.DailySleep.List(t.Context()) {
		var bad *oura.DocumentError
		switch {
		case errors.As(err, &bad):
			got = append(got, fmt.Sprintf("bad %d %s", bad.Index, bad.Raw))
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
				js, err := json.Marshal(bad)
				if want := fmt.Sprintf(`{"index":%d,"message":%q}`, bad.Index, bad.Error()); err != nil || string(js) != want {
					t.Errorf("JSON: %v, %s; want %s", err, js, want)
				}
				if logged := bad.LogValue().String(); logged != bad.Error() {
					t.Errorf("logged as %s", logged)
				}
				for _, v := range []any{bad, *bad, []oura.DocumentError{*bad}, struct{ Err oura.DocumentError }{*bad}} {
					if text := fmt.Sprintf(verb, v); strings.Contains(text, secret) || strings.Contains(text, "57 56 55") {
						t.Errorf("%s of %T prints the value: %s", verb, v, text)
					}
				}
			}
		case err != nil:
			t.Fatal(err)
		default:
			got = append(got, d.ID)
		}
	}
	want := []string{"a", "bad 1 " + broken, "b", "bad 3 null", `bad 0 "` + secret + `"`, "c"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	all, err := oura.Collect(c.DailySleep.List(t.Context()))
	if len(all) != 3 {
		t.Errorf("Collect: %d good documents, want 3", len(all))
	}
	if n := strings.Count(fmt.Sprint(err), "malformed"); n != 3 {
		t.Errorf("Collect joins %d malformed documents, want 3: %v", n, err)
	}
	for page, err := range c.DailySleep.Pages(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Data)+len(page.Errors) != 4 && len(page.Data)+len(page.Errors) != 2 {
			t.Errorf("page has %d documents and %d errors", len(page.Data), len(page.Errors))
		}
	}
}

func TestDocumentErrorNamesTheField(t *testing.T) {
	t.Parallel()
	c, _ := scripted(t, pages([]string{`{"id":"x","day":"2026-03-02","contributors":{"deep_sleep":"many"},"timestamp":"2026-03-02T00:00:00Z"}`}))
	_, err := oura.Collect(c.DailySleep.List(t.Context()))
	if err == nil || !strings.Contains(err.Error(), "field contributors.deep_sleep holds a string that does not fit int") {
		t.Errorf("got %v", err)
	}
}

func TestRepeatedTokenIsAnError(t *testing.T) {
	t.Parallel()
	for name, tokens := range map[string][]string{
		"the last one":    {"1", "1"},
		"an earlier one":  {"1", "2", "1"},
		"after many more": {"1", "2", "3", "4", "5", "2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := 0
			c, s := scripted(t, func(w http.ResponseWriter, _ *http.Request) {
				answer(w, http.StatusOK, pageJSON(tokens[n], sleepDay(fmt.Sprint(n), "2026-03-01")))
				n++
			})
			got, err := ids(t.Context(), c)
			if !errors.Is(err, oura.ErrInvalidResponse) || !strings.Contains(err.Error(), "next_token") {
				t.Errorf("got %v, want ErrInvalidResponse that names next_token", err)
			}
			if len(got) != len(tokens) || len(s.requests()) != len(tokens) {
				t.Errorf("%d documents by %d requests, want %d of each: nothing lost, nothing asked again", len(got), len(s.requests()), len(tokens))
			}
		})
	}
}

// The token that a cursor holds was seen before, too.
func TestRepeatedTokenAfterResume(t *testing.T) {
	t.Parallel()
	c, s := scripted(t, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, pageJSON("1", sleepDay("a", "2026-03-01")))
	})
	var cursor string
	for page, err := range c.DailySleep.Pages(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		cursor = page.Next
		break
	}
	got, err := ids(t.Context(), c, oura.Resume(cursor))
	if !errors.Is(err, oura.ErrInvalidResponse) || len(got) != 1 || len(s.requests()) != 2 {
		t.Errorf("%v, %v by %d requests; want one page and ErrInvalidResponse by the second", got, err, len(s.requests()))
	}
}

func TestEmptyTokenAndAbsentTokenEndTheListing(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"data":[],"next_token":""}`, `{"data":[]}`, `{"data":[],"next_token":null}`} {
		c, s := scripted(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, body) })
		if got, err := ids(t.Context(), c); len(got) != 0 || err != nil || len(s.requests()) != 1 {
			t.Errorf("%s: %v, %v by %d requests", body, got, err, len(s.requests()))
		}
	}
}

func TestAnswersThatAreNoPage(t *testing.T) {
	t.Parallel()
	const noPage = "it has no data array, so it is not a page"
	for name, tt := range map[string]struct{ body, says string }{
		"object without data": {`{}`, noPage},
		"null":                {`null`, noPage},
		"data null":           {`{"data":null}`, noPage},
		"array":               {`[]`, "the value holds an array that does not fit a page"},
		"string":              {`"a"`, "the value holds a string that does not fit a page"},
		"data an object":      {`{"data":{}}`, "field data holds an object that does not fit a list"},
		"token a number":      {`{"data":[],"next_token":5}`, "field next_token holds a number that does not fit string"},
		"cut":                 {`{"data":[{"id":"a"`, "not JSON from byte 18 on"},
		"trailing":            {`{"data":[]} x`, "not JSON from byte 12 on"},
		"html":                {`<html>`, "the body is HTML"},
		"empty":               {``, "the body is empty"},
		"text":                {`OK`, "the body is not JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := scripted(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, tt.body) })
			_, err := ids(t.Context(), c)
			e, ok := errors.AsType[*oura.Error](err)
			if !ok || !errors.Is(err, oura.ErrInvalidResponse) || e.StatusCode != http.StatusOK || e.Path != "/v2/usercollection/daily_sleep" {
				t.Fatalf("got %v", err)
			}
			if !strings.Contains(e.Error(), tt.says) {
				t.Errorf("%v does not say %q", e, tt.says)
			}
		})
	}
}

// cutBody breaks off in the middle, as a lost connection does.
type cutBody struct{ io.Reader }

func (b cutBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (cutBody) Close() error { return nil }

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestCutPageIsAskedAgainWithoutDuplicates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		inner := &script{handler: threePages}
		n := 0
		c, _ := scripted(t, nil, oura.WithRetry(oura.RetryPolicy{}), oura.WithHTTPClient(&http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			resp, err := inner.RoundTrip(r)
			if n++; err == nil && n%2 == 1 { // every first attempt
				body, _ := io.ReadAll(resp.Body)
				resp.Body = cutBody{strings.NewReader(string(body[:len(body)-9]))}
			}
			return resp, err
		})}))
		got, err := ids(t.Context(), c)
		if diff := cmp.Diff([]string{"a", "b", "c", "d", "e"}, got); diff != "" || err != nil || n != 6 {
			t.Errorf("%d requests, %v (-want +got):\n%s", n, err, diff)
		}
	})
}

func TestContextEndsAListing(t *testing.T) {
	t.Parallel()
	t.Run("between documents", func(t *testing.T) {
		t.Parallel()
		c, s := scripted(t, threePages)
		cause := errors.New("shutting down")
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		got := []string{}
		for d, err := range c.DailySleep.List(ctx) {
			if err != nil {
				if !errors.Is(err, context.Canceled) || !errors.Is(err, cause) || !errors.Is(err, oura.ErrContextEnded) {
					t.Errorf("got %v", err)
				}
				continue
			}
			got = append(got, d.ID)
			cancel(cause)
		}
		if diff := cmp.Diff([]string{"a"}, got); diff != "" || len(s.requests()) != 1 {
			t.Errorf("%d requests (-want +got):\n%s", len(s.requests()), diff)
		}
	})
	t.Run("in a wait", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			c, _ := scripted(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "200")
				answer(w, http.StatusTooManyRequests, `{}`)
			}, oura.WithRetry(oura.RetryPolicy{}))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			time.AfterFunc(time.Second, cancel)
			begin := time.Now()
			_, err := ids(ctx, c)
			if !errors.Is(err, context.Canceled) || time.Since(begin) != time.Second {
				t.Errorf("after %v: %v; want the end of the context, at once", time.Since(begin), err)
			}
		})
	})
}
