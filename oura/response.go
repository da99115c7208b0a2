package oura

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"

	"github.com/oura-go/sdk/internal/decode"
	"github.com/oura-go/sdk/internal/text"
	"github.com/oura-go/sdk/internal/transport"
)

// readPage decodes a response to a list request, and closes it.
func readPage[T any](resp *http.Response, filter decode.Filter[T]) (decode.Page[T], error) {
	page, err := read(resp, func(body []byte, limit int64) (decode.Page[T], error) { return decode.PageOf(body, filter, limit) })
	for i, m := range page.Malformed { // the path of a field may be a text of the service: the key of a map
		if said := m.Err.Error(); cleaned(resp, said, len(said)) != said {
			page.Malformed[i].Err = errors.New(cleaned(resp, said, text.MaxDetail))
		}
	}
	return page, err
}

// readOne decodes a response that is a single document, and closes it. It passes an error on.
func readOne[T any](resp *http.Response, err error) (T, error) {
	if err != nil {
		return *new(T), err
	}
	return read(resp, decode.Value[T])
}

// memoryPerByte is how many bytes may be allocated for what a response says, for each byte that it might have had. Whole
// pages of heart rates and activity, the most that there is, need one and two for each byte that they have.
const memoryPerByte = 2

func read[T any](resp *http.Response, decoded func(body []byte, limit int64) (T, error)) (v T, err error) {
	defer func() { _ = resp.Body.Close() }()
	body, err := bodyOf(resp)
	if err != nil {
		return v, err
	}
	limit := int64(defaultMaxBody)
	if b, ok := resp.Body.(*transport.Body); ok {
		limit = b.Limit
	}
	if v, err = decoded(body, memoryPerByte*min(limit, math.MaxInt64/memoryPerByte)); err == nil {
		return v, nil
	}
	e := invalidResponse(resp, body, err)
	if errors.Is(err, decode.ErrMemory) {
		e.Detail = fmt.Sprintf("its %d bytes hold more values than there is memory for, twice the limit of %d bytes; "+
			"ask for a shorter range, or raise the limit with WithMaxBody", len(body), limit)
		e.reason = ""
	}
	return v, e
}

// bodyOf returns the bytes of a response that took the request path, without copying them. They are good until the body
// is closed.
func bodyOf(resp *http.Response) ([]byte, error) {
	if b, ok := resp.Body.(*transport.Body); ok {
		return b.Bytes(), nil
	}
	return io.ReadAll(resp.Body)
}
