package oura

import (
	"errors"
	"io"
	"net/http"

	"github.com/oura-go/sdk/internal/decode"
	"github.com/oura-go/sdk/internal/text"
	"github.com/oura-go/sdk/internal/transport"
)

// readPage decodes a response to a list request, and closes it.
func readPage[T any](resp *http.Response, filter decode.Filter[T]) (decode.Page[T], error) {
	page, err := read(resp, func(body []byte) (decode.Page[T], error) { return decode.PageOf(body, filter) })
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

func read[T any](resp *http.Response, decoded func(body []byte) (T, error)) (v T, err error) {
	defer func() { _ = resp.Body.Close() }()
	body, err := bodyOf(resp)
	if err != nil {
		return v, err
	}
	if v, err = decoded(body); err != nil {
		return v, invalidResponse(resp, body, err)
	}
	return v, nil
}

// bodyOf returns the bytes of a response that took the request path, without copying them. They are good until the body
// is closed.
func bodyOf(resp *http.Response) ([]byte, error) {
	if b, ok := resp.Body.(*transport.Body); ok {
		return b.Bytes(), nil
	}
	return io.ReadAll(resp.Body)
}
