package oura

import (
	"bytes"

	"github.com/oura-go/sdk/internal/decode"
)

// Decode reads a document that was kept as the service sent it, as [Collection.PagesJSON] gives it, in the way of a
// listing: unknown properties are ignored, whole numbers may be written as 12.0, and what the service writes for "no
// data" becomes nil. The error is a *[DocumentError].
func Decode[T any](raw []byte) (T, error) {
	v, err := decode.Value[T](raw, memoryPerByte*max(defaultMaxBody, int64(len(raw))))
	if err != nil {
		var zero T
		return zero, &DocumentError{Raw: bytes.Clone(raw), Err: err}
	}
	if tidy := noData[T](); tidy != nil {
		tidy(&v)
	}
	return v, nil
}
