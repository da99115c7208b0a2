package oura_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
)

// everyWithOptions is each call that takes options.
func everyWithOptions(c *oura.Client) map[string]func(context.Context, ...oura.CallOption) error {
	subs := c.Subscriptions
	return map[string]func(context.Context, ...oura.CallOption) error{
		"PersonalInfo": func(ctx context.Context, opts ...oura.CallOption) error {
			_, err := c.PersonalInfo(ctx, opts...)
			return err
		},
		"Latest": func(ctx context.Context, opts ...oura.CallOption) error {
			_, err := c.HeartRate.Latest(ctx, opts...)
			return err
		},
		"Get": func(ctx context.Context, opts ...oura.CallOption) error {
			_, err := c.Sleep.Get(ctx, "a", getOptions(opts)...)
			return err
		},
		"Object": func(ctx context.Context, opts ...oura.CallOption) error {
			_, err := c.Object(ctx, oura.DataTypeSleep, "a", getOptions(opts)...)
			return err
		},
		"Subscriptions.List": func(ctx context.Context, opts ...oura.CallOption) error {
			_, err := subs.List(ctx, opts...)
			return err
		},
		"Subscriptions.Get": func(ctx context.Context, opts ...oura.CallOption) error {
			_, err := subs.Get(ctx, "a", opts...)
			return err
		},
		"Subscriptions.Create": func(ctx context.Context, opts ...oura.CallOption) error {
			_, err := subs.Create(ctx, wanted("sleep"), opts...)
			return err
		},
		"Subscriptions.Update": func(ctx context.Context, opts ...oura.CallOption) error {
			_, err := subs.Update(ctx, "a", wanted("sleep"), opts...)
			return err
		},
		"Subscriptions.Renew": func(ctx context.Context, opts ...oura.CallOption) error {
			_, err := subs.Renew(ctx, "a", opts...)
			return err
		},
		"Subscriptions.Delete": func(ctx context.Context, opts ...oura.CallOption) error { return subs.Delete(ctx, "a", opts...) },
	}
}

func getOptions(opts []oura.CallOption) []oura.GetOption {
	var out []oura.GetOption
	for _, o := range opts {
		out = append(out, o)
	}
	return out
}

// Every call tells what came and what it cost: here two waits of 2 s after a 429.
func TestWithResponse(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusOK, http.StatusForbidden} {
		synctest.Test(t, func(t *testing.T) {
			n := 0
			body := `{"id":"a","timestamp":"2026-01-02T03:04:05Z","data":[{"bpm":60,"timestamp":"2026-01-02T03:04:05Z"}]}`
			c, _ := scripted(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Trace-Id", "trace-7")
				if n++; n <= 2 {
					w.Header().Set("Retry-After", "2")
					answer(w, http.StatusTooManyRequests, `{}`)
					return
				}
				w.Header().Set("X-RateLimit-Remaining", "41")
				if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/subscription") && status == http.StatusOK {
					answer(w, status, `[]`)
					return
				}
				answer(w, status, body)
			}, oura.WithAppCredentials("id", "secret"), oura.WithRetry(oura.RetryPolicy{}))
			for name, call := range everyWithOptions(c) {
				n = 0
				info := oura.ResponseInfo{Attempts: 99, Body: []byte("of the last call")}
				err := call(t.Context(), oura.WithResponse(&info))
				if (err == nil) != (status == http.StatusOK) {
					t.Errorf("%s: %v", name, err)
				}
				want := body
				if name == "Subscriptions.List" && err == nil {
					want = `[]`
				}
				if info.StatusCode != status || info.TraceID != "trace-7" || info.Header.Get("X-Trace-Id") != "trace-7" || info.RateLimit.Remaining != 41 ||
					info.Attempts != 3 || info.Waited != 4*time.Second || string(info.Body) != want {
					t.Errorf("%s, %d: %v, header %v, %+v, body %q", name, status, info, info.Header, info.RateLimit, info.Body)
				}
				if e, ok := errors.AsType[*oura.Error](err); ok && (e.Attempts != 3 || e.Waited != 4*time.Second || !strings.Contains(e.Error(), "(after 3 attempts)")) {
					t.Errorf("%s: %d attempts, waited %v: %v", name, e.Attempts, e.Waited, e)
				}
			}
		})
	}
}

func TestCallOptionsRefused(t *testing.T) {
	t.Parallel()
	c, s := scripted(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, `{}`) }, oura.WithAppCredentials("id", "secret"))
	for name, call := range everyWithOptions(c) {
		for want, opt := range map[string]oura.CallOption{"an option is nil": nil, "info is nil": oura.WithResponse(nil)} {
			err := call(t.Context(), opt)
			if e, ok := errors.AsType[*oura.Error](err); !ok || !errors.Is(err, oura.ErrInvalidRequest) || !strings.Contains(err.Error(), want) || e.Attempts != 0 || e.Path == "" {
				t.Errorf("%s: got %v, want %q", name, err, want)
			}
		}
	}
	if _, err := c.Sleep.Get(t.Context(), "a", oura.WaitForDocument(0)); !errors.Is(err, oura.ErrInvalidRequest) {
		t.Errorf("got %v", err)
	}
	info := oura.ResponseInfo{StatusCode: 1, Body: []byte("old")}
	if _, err := c.Sleep.Get(t.Context(), "", oura.WithResponse(&info)); err == nil || info.StatusCode != 0 || info.Body != nil || info.Attempts != 0 {
		t.Errorf("%v: %v is of another call", err, info)
	}
	if len(s.requests()) != 0 {
		t.Errorf("%d requests were sent", len(s.requests()))
	}
}

// Get waits for a document as Object does, and tells all that it cost.
func TestGetWaitsForADocument(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		c, s := scripted(t, func(w http.ResponseWriter, _ *http.Request) {
			if time.Since(begin) < 2*time.Second {
				answer(w, http.StatusNotFound, `{}`)
				return
			}
			answer(w, http.StatusOK, `{"id":"doc-1"}`)
		})
		var info oura.ResponseInfo
		doc, err := c.Sleep.Get(t.Context(), "doc-1", oura.WaitForDocument(10*time.Second), oura.WithResponse(&info))
		if err != nil || doc.ID != "doc-1" {
			t.Errorf("got %q, %v", doc.ID, err)
		}
		if n := len(s.requests()); n < 3 || info.Attempts != n || info.Waited != time.Since(begin) || info.StatusCode != http.StatusOK {
			t.Errorf("%d requests in %v: %v", n, time.Since(begin), info)
		}
	})
}

// A create whose outcome is open takes a list besides.
func TestWithResponseOfSeveralRequests(t *testing.T) {
	t.Parallel()
	s := &subscriptionService{fault: func(n int, _ *http.Request) fault {
		if n == 1 {
			return fault{status: http.StatusGatewayTimeout, done: true}
		}
		return fault{}
	}}
	var info oura.ResponseInfo
	if _, err := s.app(t).Subscriptions.Create(t.Context(), wanted("sleep"), oura.WithResponse(&info)); err != nil {
		t.Fatal(err)
	}
	if info.Attempts != 2 || info.StatusCode != http.StatusOK {
		t.Errorf("got %v", info)
	}
}

func TestPagesHaveTheirResponse(t *testing.T) {
	t.Parallel()
	for _, parallel := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			n := 0
			first, second := pageJSON("next", `{"id":"a"}`), pageJSON("", `{"id":"b"}`)
			c, _ := scripted(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Trace-Id", fmt.Sprint("trace-", n))
				switch n++; {
				case n%3 == 2:
					w.Header().Set("Retry-After", "2")
					answer(w, http.StatusTooManyRequests, `{}`)
				case r.URL.Query().Get("next_token") != "":
					answer(w, http.StatusOK, second)
				default:
					answer(w, http.StatusOK, first)
				}
			}, oura.WithRetry(oura.RetryPolicy{}))
			for _, withBody := range []bool{false, true} {
				n = 0
				var opts []oura.DocumentOption
				if parallel {
					opts = append(opts, oura.Parallel(2))
				}
				if withBody {
					opts = append(opts, oura.WithBody())
				}
				var got []oura.ResponseInfo
				for page, err := range c.DailySleep.Pages(t.Context(), opts...) {
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, page.Response)
				}
				if len(got) != 2 || got[0].Attempts != 1 || got[0].Waited != 0 || got[0].TraceID != "trace-0" || got[0].StatusCode != http.StatusOK ||
					got[1].Attempts != 2 || got[1].Waited != 2*time.Second || got[1].Header.Get("X-Trace-Id") != "trace-2" {
					t.Fatalf("got %v", got)
				}
				for i, want := range []string{first, second} {
					if !withBody {
						want = ""
					}
					if string(got[i].Body) != want {
						t.Errorf("page %d has body %q, want %q", i+1, got[i].Body, want)
					}
				}
			}
		})
	}
}

func TestResponseInfoHidesHeaderAndBody(t *testing.T) {
	t.Parallel()
	info := oura.ResponseInfo{
		StatusCode: 200, TraceID: "trace-7", Attempts: 2, Waited: 1500 * time.Millisecond,
		Header: http.Header{"Set-Cookie": {"hidden"}}, Body: []byte("hidden"),
	}
	for _, v := range []any{info, &info, []oura.ResponseInfo{info}, oura.Page[int]{Response: info}} {
		out := everyForm(t, v)
		if strings.Contains(out, "hidden") || strings.Contains(out, "68696464656e") || strings.Contains(out, "aGlkZGVu") || strings.Contains(out, "104 105 100") {
			t.Errorf("%T shows header or body:\n%s", v, out)
		}
		if !strings.Contains(out, "trace-7") {
			t.Errorf("%T does not show the trace id:\n%s", v, out)
		}
	}
	if got, want := info.String(), "status 200, attempts 2, waited 1.5s, trace trace-7"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What a response said besides its document, and what the call cost.
func ExampleWithResponse() {
	service := ouratest.NewService()
	defer service.Close()
	service.FailOnce("personal_info", ouratest.ServerError(503))
	client := service.Client(oura.WithRetry(oura.RetryPolicy{MaxDelay: time.Millisecond}))

	var info oura.ResponseInfo
	if _, err := client.PersonalInfo(context.Background(), oura.WithResponse(&info)); err != nil {
		fmt.Println(err)
	}
	fmt.Println(info.StatusCode, info.Header.Get("Content-Type"), "after", info.Attempts, "attempts; body:", len(info.Body) > 0)
	// Output: 200 application/json after 2 attempts; body: true
}

// Each page with what came with it, and with its raw body for an archive.
func ExampleWithBody() {
	service := ouratest.NewService()
	defer service.Close()
	for page, err := range service.Client().RingConfiguration.Pages(context.Background(), oura.WithBody()) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(page.Response.StatusCode, page.Response.Attempts, string(page.Response.Body[:8]))
	}
	// Output: 200 1 {"data":
}

// A document that an event announced can be a moment late.
func ExampleWaitForDocument() {
	client, err := oura.NewClient(oura.WithAccessToken("token of the person in the event"))
	if err != nil {
		fmt.Println(err)
		return
	}
	night, err := client.Sleep.Get(context.Background(), "8f9a5221-639e-4a85-81cb-4065ef23f979", oura.WaitForDocument(10*time.Second))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("night of", night.Day)
}
