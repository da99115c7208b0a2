package oura

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/oura-go/sdk/internal/text"
)

// ResponseInfo is what came with a response besides its document, and what the call cost: how many requests were sent,
// and how long they waited, after a 429 for example. Get it with [WithResponse], or from [Page].Response.
//
// Of a call that needs several requests, as one that waits for a document does, it describes the last response and adds
// up attempts and waits. It prints status, attempts, wait and trace id: header and body not under %v, %+v and %#v, not
// as JSON, not by slog.
type ResponseInfo struct {
	StatusCode int           // 0 without a response
	Header     http.Header   // of the response; do not change it
	TraceID    string        // quote it to the service's support
	RateLimit  RateLimit     // zero unless the response had rate limit headers
	Attempts   int           // requests sent
	Waited     time.Duration // for the rate limit, between attempts, and for a document
	Body       []byte        // raw, of an error at most 64 KiB; holds health data; in a Page only with [WithBody]
}

// responseInfo describes the outcome of one request. The body is not copied.
func responseInfo(resp *http.Response, err error) ResponseInfo {
	if e, ok := errors.AsType[*Error](err); ok {
		return ResponseInfo{
			StatusCode: e.StatusCode, Header: e.header, TraceID: e.TraceID, RateLimit: e.RateLimit,
			Attempts: e.Attempts, Waited: e.Waited, Body: e.Body,
		}
	}
	if resp == nil {
		return ResponseInfo{}
	}
	body := tripOf(resp)
	return ResponseInfo{
		StatusCode: resp.StatusCode, Header: resp.Header, TraceID: traceID(resp), RateLimit: RateLimit(body.RateLimit),
		Attempts: body.Attempts, Waited: body.Waited, Body: body.Bytes(),
	}
}

// infoKey finds the ResponseInfo to fill in the context of a call: most calls take several layers to their requests,
// some generated, and some make several.
type infoKey struct{}

// record notes the outcome of a request, if its call wants that.
func record(ctx context.Context, resp *http.Response, err error) {
	into, ok := ctx.Value(infoKey{}).(*ResponseInfo)
	if !ok {
		return
	}
	info := responseInfo(resp, err)
	info.Body = bytes.Clone(info.Body)
	info.Attempts += into.Attempts
	info.Waited += into.Waited
	*into = info
}

// recordWait notes a wait between two requests.
func recordWait(ctx context.Context, d time.Duration) {
	if info, ok := ctx.Value(infoKey{}).(*ResponseInfo); ok {
		info.Waited += d
	}
}

// String is status, attempts, wait and trace id.
func (r ResponseInfo) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "status %d, attempts %d, waited %v", r.StatusCode, r.Attempts, r.Waited)
	if r.TraceID != "" {
		b.WriteString(", trace " + text.Clip(r.TraceID, text.MaxName))
	}
	return b.String()
}

// Format prints String under every verb, so that %+v and %#v do not show header and body.
func (r ResponseInfo) Format(s fmt.State, verb rune) { text.Format(s, verb, r.String()) }

// MarshalJSON leaves out header and body.
func (r ResponseInfo) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		StatusCode int     `json:"status_code"`
		TraceID    string  `json:"trace_id,omitempty"`
		Attempts   int     `json:"attempts"`
		Waited     float64 `json:"waited_seconds"`
	}{r.StatusCode, r.TraceID, r.Attempts, r.Waited.Seconds()})
}

// LogValue implements [slog.LogValuer].
func (r ResponseInfo) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("status", r.StatusCode), slog.String("trace_id", r.TraceID),
		slog.Int("attempts", r.Attempts), slog.Duration("waited", r.Waited))
}
