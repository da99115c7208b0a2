package oura

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/oura-go/sdk/internal/decode"
	"github.com/oura-go/sdk/internal/refusal"
	"github.com/oura-go/sdk/internal/transport"
)

// A hand-made Error, as tests and limiters make them, has one kind too.
func TestErrorKindOfFields(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]error{
		0: ErrInvalidRequest, 200: ErrInvalidResponse, 302: ErrInvalidResponse, 400: ErrInvalidRequest,
		401: ErrUnauthorized, 403: ErrForbidden, 404: ErrNotFound, 408: ErrServer, 410: ErrNotFound,
		413: ErrInvalidRequest, 426: ErrForbidden, 429: ErrRateLimited, 500: ErrServer, 599: ErrServer,
	} {
		wantKind(t, &Error{StatusCode: status}, want)
	}
	wantKind(t, &Error{StatusCode: 401, Scope: "daily"}, ErrMissingScope)
	wantKind(t, &Error{RetryAfter: 1}, ErrRateLimited)
}

// A cause is found, but its own sentinels do not add to the error's one.
func TestErrorCause(t *testing.T) {
	t.Parallel()
	inner := &typedError{3}
	e := &Error{kind: ErrServer, cause: fmt.Errorf("a: %w", errors.Join(ErrNotFound, context.Canceled, inner, &Error{kind: ErrForbidden}))}
	err := fmt.Errorf("while listing: %w", e)
	wantKind(t, err, ErrServer)
	if !errors.Is(err, context.Canceled) {
		t.Error("the context's error is not found")
	}
	if got, ok := errors.AsType[*typedError](err); !ok || got != inner {
		t.Errorf("errors.AsType found %v", got)
	}
	if got, ok := errors.AsType[*Error](err); !ok || got != e {
		t.Errorf("errors.AsType found %v, want the outer error", got)
	}
	if errors.Is(&Error{}, io.EOF) || errors.As(&Error{}, new(*typedError)) {
		t.Error("an error without cause matches one")
	}
}

// What is said of a body that is not the expected JSON tells place and kind,
// and no value.
func TestInvalidResponse(t *testing.T) {
	t.Parallel()
	type row struct {
		HRV []int `json:"average_hrv"`
	}
	tests := []struct{ name, body, want string }{
		{"number for a list", `{"average_hrv":271828}`, "field average_hrv holds a number that does not fit []int"},
		{"string for a number", `{"average_hrv":["x271828"]}`, "field average_hrv.0 holds a string that does not fit int"},
		{"object", `{"average_hrv":{"x":271828}}`, "field average_hrv holds an object that does not fit []int"},
		{"list", `[271828]`, "the value holds an array that does not fit oura.row"},
		{"true", `{"average_hrv":true}`, "field average_hrv holds a boolean that does not fit []int"},
		{"out of range", `{"average_hrv":[2718282718282718281828]}`, "field average_hrv.0 holds a number that does not fit int"},
		{"broken", `{"average_hrv":x271828}`, "not JSON from byte 15 on"},
		{"cut off", `{"average_hrv":[271828`, "not JSON from byte 22 on"},
		{"empty", " ", "the body is empty"},
		{"HTML", "\n<html>271828", "the body is HTML"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, cause := decode.Value[row]([]byte(tt.body), math.MaxInt64)
			if cause == nil {
				t.Fatal("decodes")
			}
			resp := answer(http.StatusOK, tt.body, "X-Trace-Id: t-7") //nolint:bodyclose // a string
			resp.Request, _ = http.NewRequestWithContext(t.Context(), http.MethodGet, defaultOrigin+sleepPath+"?x=271828", nil)
			resp.Request.Pattern = sleepPath
			resp.Body = &transport.Body{Attempts: 2}
			e := invalidResponse(resp, []byte(tt.body), cause)
			wantKind(t, e, ErrInvalidResponse)
			if text := e.Error(); !strings.Contains(text, tt.want) || strings.Contains(text, "271828") {
				t.Errorf("got %q, want it to say %q and no value", text, tt.want)
			}
			if strings.Contains(fmt.Sprint(e.cause), "271828") {
				t.Errorf("the cause holds a value: %v", e.cause)
			}
			if string(e.Body) != tt.body || e.TraceID != "t-7" || e.Path != sleepPath || e.Attempts != 2 {
				t.Errorf("cause %v, body %q, trace %q, path %q", e.cause, e.Body, e.TraceID, e.Path)
			}
		})
	}
}

// Buffers of answers are used again: what an error keeps of one must be its own.
func TestBodiesOfErrorsAreTheirOwn(t *testing.T) {
	t.Parallel()
	n := 0
	c, err := NewClient(WithAccessToken(testToken), WithRetry(NoRetry), over(roundTripper(func(*http.Request) (*http.Response, error) {
		n++
		doc := fmt.Sprintf(`{"id":%d}`, 1000+n)
		switch n % 3 {
		case 0:
			return answer(404, doc), nil
		case 1:
			return answer(200, `{"data":`+doc+`}`), nil
		default:
			return answer(200, `{"data":[`+doc+`]}`), nil
		}
	})))
	if err != nil {
		t.Fatal(err)
	}
	kept := make([][]byte, 60)
	for i := range kept {
		_, err := Collect(c.Sleep.List(t.Context()))
		var e *Error
		var bad *DocumentError
		switch {
		case errors.As(err, &e):
			kept[i] = e.Body
		case errors.As(err, &bad):
			kept[i] = bad.Raw
		}
	}
	for i, body := range kept {
		if want := fmt.Sprintf(`{"id":%d}`, 1001+i); !strings.Contains(string(body), want) {
			t.Errorf("error %d holds %s, want %s", i, body, want)
		}
	}
}

func TestMissingScope(t *testing.T) {
	t.Parallel()
	type result struct {
		Scope string
		OK    bool
	}
	for detail, want := range map[string]result{
		"Token is not authorized access spo2 scope.":               {"spo2", true},
		"Token is not authorized to access the heart_health scope": {"heart_health", true},
		"token is NOT authorized access extapi:daily scope.":       {"daily", true},
		`Missing "workout" scope`:                                  {"workout", true},
		"Missing required scope":                                   {"", true},
		"This endpoint requires the 'email' scope.":                {"email", true},
		"Invalid token.":                                           {},
		"Token is not authorized.":                                 {},
		"The token is out of scope":                                {},
		"":                                                         {},
	} {
		scope, ok := refusal.MissingScope(detail, http.Header{})
		if diff := cmp.Diff(want, result{scope, ok}); diff != "" {
			t.Errorf("%q (-want +got):\n%s", detail, diff)
		}
	}
}
