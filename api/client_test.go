package api_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/api"
)

// sent is what a request looked like.
type sent struct {
	Line string // method and URL as they travel
	Type string // content type
	Body string
}

// recorder answers every request with 204 and keeps the last one.
type recorder struct{ last sent }

func (r *recorder) Do(req *http.Request) (*http.Response, error) {
	r.last = sent{Line: req.Method + " " + req.URL.String(), Type: req.Header.Get("Content-Type")}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		r.last.Body = string(body)
	}
	return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody}, nil
}

const (
	server = "https://api.example.com/v2"
	someID = "a/b c?d#e%f+ä"
	asPath = "a%2Fb%20c%3Fd%23e%25f+%C3%A4"
)

type call func(context.Context, *api.Client) (*http.Response, error)

// operations calls every operation of the document by its name, with ids that need escaping, and has the request that
// it wants of each.
func operations(t *testing.T) map[string]call {
	t.Helper()
	spec, err := os.ReadFile("../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	calls := map[string]call{}
	path, ids := "", regexp.MustCompile(`\{\w+\}`)
	requests, _, _ := strings.Cut(string(spec), "\nwebhooks:")
	for _, m := range regexp.MustCompile(`(?m)^  (/[\w/{}]+):$|^    (get|put|post|delete):\n      operationId: (\w+)$`).FindAllStringSubmatch(requests, -1) {
		if m[1] != "" {
			path = ids.ReplaceAllString(m[1], asPath)
			continue
		}
		calls[strings.ToUpper(m[2])+" "+path] = func(ctx context.Context, c *api.Client) (*http.Response, error) {
			method := reflect.ValueOf(c).MethodByName(m[3])
			args := []reflect.Value{reflect.ValueOf(ctx)}
			for i := 1; i < method.Type().NumIn()-1; i++ { // the last ones are editors
				arg := reflect.Zero(method.Type().In(i))
				if arg.Kind() == reflect.String {
					arg = reflect.ValueOf(someID)
				}
				args = append(args, arg)
			}
			out := method.Call(args)
			resp, _ := reflect.TypeAssert[*http.Response](out[0])
			err, _ := reflect.TypeAssert[error](out[1])
			return resp, err
		}
	}
	return calls
}

func TestOperations(t *testing.T) {
	t.Parallel()
	tests := operations(t)
	if len(tests) < 41 {
		t.Errorf("only %d operations", len(tests))
	}
	for _, base := range []string{server, server + "/", "http://127.0.0.1:8080/v2/sandbox"} {
		rec := &recorder{}
		client := newClient(t, base, rec)
		for line, call := range tests {
			resp, err := call(t.Context(), client)
			if err != nil {
				t.Errorf("%s: %v", line, err)
				continue
			}
			_ = resp.Body.Close()
			want := strings.Replace(line, " ", " "+strings.TrimSuffix(base, "/"), 1)
			if rec.last.Line != want {
				t.Errorf("sent %s\nwant %s", rec.last.Line, want)
			}
		}
	}
}

func TestQueries(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, want string
		call       call
	}{
		{"a plus travels as %2B", "/usercollection/heartrate?start_datetime=2026-03-01T00%3A00%3A00%2B02%3A00&end_datetime=2026-03-02T00%3A00%3A00Z",
			func(ctx context.Context, c *api.Client) (*http.Response, error) {
				return c.ListHeartRate(ctx, &api.ListHeartRateParams{
					StartDatetime: new("2026-03-01T00:00:00+02:00"), EndDatetime: new("2026-03-02T00:00:00Z")})
			}},
		{"all of a series", "/usercollection/ring_battery_level?next_token=t%26%3D%2B+%25&latest=true&fields=timestamp%2Clevel",
			func(ctx context.Context, c *api.Client) (*http.Response, error) {
				return c.ListRingBatteryLevel(ctx, &api.ListRingBatteryLevelParams{
					NextToken: new("t&=+ %"), Latest: new(true), Fields: new("timestamp,level")})
			}},
		{"all of a collection", "/usercollection/sleep?start_date=2026-03-01&end_date=2026-03-08&next_token=abc%2Fdef%3D%3D&fields=id%2Cday%2Cscore",
			func(ctx context.Context, c *api.Client) (*http.Response, error) {
				return c.ListSleep(ctx, &api.ListSleepParams{
					StartDate: new("2026-03-01"), EndDate: new("2026-03-08"), NextToken: new("abc/def=="), Fields: new("id,day,score")})
			}},
		{"a collection without dates", "/usercollection/ring_configuration?next_token=n&fields=size",
			func(ctx context.Context, c *api.Client) (*http.Response, error) {
				return c.ListRingConfiguration(ctx, &api.ListRingConfigurationParams{NextToken: new("n"), Fields: new("size")})
			}},
		{"no parameters", "/usercollection/tag", func(ctx context.Context, c *api.Client) (*http.Response, error) {
			return c.ListTag(ctx, &api.ListTagParams{})
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			rec := &recorder{}
			resp, err := test.call(t.Context(), newClient(t, server, rec))
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if want := "GET " + server + test.want; rec.last.Line != want {
				t.Errorf("sent %s\nwant %s", rec.last.Line, want)
			}
		})
	}
}

func TestBodies(t *testing.T) {
	t.Parallel()
	rec := &recorder{}
	client := newClient(t, server, rec)
	tests := []struct {
		name string
		call func() (*http.Response, error)
		want sent
	}{
		{"create", func() (*http.Response, error) {
			return client.CreateSubscription(t.Context(), api.CreateSubscriptionRequest{
				CallbackURL: "https://app.example.com/hook", VerificationToken: "v", EventType: api.EventTypeUpdate, DataType: api.DataTypeVO2Max})
		}, sent{"POST " + server + "/webhook/subscription", "application/json",
			`{"callback_url":"https://app.example.com/hook","data_type":"vo2_max","event_type":"update","verification_token":"v"}`}},
		{"update of one thing", func() (*http.Response, error) {
			return client.UpdateSubscription(t.Context(), "s1", api.UpdateSubscriptionRequest{
				VerificationToken: "v", CallbackURL: new("https://app.example.com/new")})
		}, sent{"PUT " + server + "/webhook/subscription/s1", "application/json",
			`{"callback_url":"https://app.example.com/new","verification_token":"v"}`}},
		{"renew has none", func() (*http.Response, error) { return client.RenewSubscription(t.Context(), "s1") },
			sent{Line: "PUT " + server + "/webhook/subscription/renew/s1"}},
		{"a body of one's own", func() (*http.Response, error) {
			return client.CreateSubscriptionWithBody(t.Context(), "text/plain", strings.NewReader("hello"))
		}, sent{"POST " + server + "/webhook/subscription", "text/plain", "hello"}},
		{"an update of one's own", func() (*http.Response, error) {
			return client.UpdateSubscriptionWithBody(t.Context(), "s1", "text/plain", strings.NewReader("hello"))
		}, sent{"PUT " + server + "/webhook/subscription/s1", "text/plain", "hello"}},
	}
	for _, test := range tests {
		resp, err := test.call()
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if diff := cmp.Diff(test.want, rec.last); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestRequestEditors(t *testing.T) {
	t.Parallel()
	rec := &recorder{}
	var order []string
	note := func(name string) api.RequestEditorFn {
		return func(_ context.Context, req *http.Request) error {
			order = append(order, name)
			req.URL.RawQuery += name
			return nil
		}
	}
	client, err := api.NewClient(server, api.WithHTTPClient(rec), api.WithRequestEditorFn(note("a")))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.GetPersonalInfo(t.Context(), note("b"))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if want := "GET " + server + "/usercollection/personal_info?ab"; rec.last.Line != want || len(order) != 2 {
		t.Errorf("sent %s after %v, want %s", rec.last.Line, order, want)
	}

	rec.last = sent{}
	refused := errors.New("refused")
	resp, err = client.GetPersonalInfo(t.Context(), func(context.Context, *http.Request) error { return refused })
	if resp != nil {
		_ = resp.Body.Close()
	}
	if !errors.Is(err, refused) || rec.last.Line != "" {
		t.Errorf("err = %v after sending %q, want the editor's error before any request", err, rec.last.Line)
	}
}

func TestNewClientErrors(t *testing.T) {
	t.Parallel()
	refused := errors.New("refused")
	if _, err := api.NewClient(server, func(*api.Client) error { return refused }); !errors.Is(err, refused) {
		t.Errorf("err = %v, want the option's", err)
	}
	client := newClient(t, "http://a b", &recorder{})
	resp, err := client.GetPersonalInfo(t.Context())
	if resp != nil {
		_ = resp.Body.Close()
	}
	if err == nil {
		t.Error("a server that is no URL is accepted")
	}
}

func newClient(t *testing.T, base string, doer api.HttpRequestDoer) *api.Client {
	t.Helper()
	client, err := api.NewClient(base, api.WithHTTPClient(doer))
	if err != nil {
		t.Fatal(err)
	}
	return client
}
