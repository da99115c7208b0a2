package contract_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/api"
	"github.com/oura-go/sdk/internal/contract"
	"github.com/oura-go/sdk/internal/fixtures"
)

func TestTransport(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/v2/usercollection/sleep":
			_, _ = w.Write(fixtures.Page("sleep", nil, fixtures.Document("sleep", fixtures.Full)))
		case "/v2/usercollection/workout":
			_, _ = w.Write(fixtures.Page("workout", nil, []byte(`{"id":"w"}`)))
		case "/v2/webhook/subscription":
			body, _ := io.ReadAll(r.Body)
			w.Header().Set("X-Seen", string(body))
			w.WriteHeader(http.StatusCreated)
			_, _ = w.Write(fixtures.Subscription(fixtures.Full))
		}
	}))
	t.Cleanup(server.Close)

	type report struct {
		Operation, Request string
		Places             []string
	}
	var reports []report
	transport := &contract.Transport{Document: document(t), Report: func(operation string, e contract.Exchange, differences []contract.Difference) {
		r := report{Operation: operation, Request: string(e.RequestBody)}
		for _, d := range differences {
			r.Places = append(r.Places, d.In+" "+d.Pointer)
			if !strings.HasPrefix(d.String(), operation+" "+d.In) {
				t.Errorf("a difference of %s prints as %s", operation, d)
			}
		}
		reports = append(reports, r)
	}}
	client, err := api.NewClient(server.URL+"/v2", api.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		t.Fatal(err)
	}
	bearer := func(_ context.Context, req *http.Request) error {
		req.Header.Set("Authorization", "Bearer token")
		return nil
	}
	app := func(_ context.Context, req *http.Request) error {
		req.Header.Set("X-Client-Id", "id")
		req.Header.Set("X-Client-Secret", "secret")
		return nil
	}
	header := func(call func() (*http.Response, error)) http.Header {
		t.Helper()
		resp, err := call()
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if body, err := io.ReadAll(resp.Body); err != nil || len(body) == 0 {
			t.Errorf("the client reads %q, %v", body, err)
		}
		return resp.Header
	}
	header(func() (*http.Response, error) { return client.ListSleep(t.Context(), nil, bearer) })
	header(func() (*http.Response, error) { return client.ListWorkout(t.Context(), nil, bearer) })
	seen := header(func() (*http.Response, error) {
		return client.CreateSubscription(t.Context(), api.CreateSubscriptionRequest{VerificationToken: "v"}, app)
	}).Get("X-Seen")

	created := `{"callback_url":"","data_type":"","event_type":"","verification_token":"v"}`
	if seen != created {
		t.Errorf("the server got %s", seen)
	}
	missing := []string{"response /data/0"}
	want := []report{
		{"ListSleep", "", nil},
		{"ListWorkout", "", missing},
		{"CreateSubscription", created, []string{"request /data_type", "request /event_type"}},
	}
	if diff := cmp.Diff(want, reports); diff != "" {
		t.Errorf("reports (-want +got):\n%s", diff)
	}
}

func TestTransportPassesErrorsOn(t *testing.T) {
	t.Parallel()
	transport := &contract.Transport{Document: document(t), Report: func(string, contract.Exchange, []contract.Difference) {
		t.Error("an exchange that did not happen is reported")
	}}
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	client, err := api.NewClient(server.URL, api.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.GetPersonalInfo(t.Context())
	if err == nil {
		_ = resp.Body.Close()
		t.Error("no error from a server that is not there")
	}
}
