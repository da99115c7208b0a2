package oura

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/oura-go/sdk/internal/text"
	"github.com/oura-go/sdk/internal/wait"
)

// ObjectOption is an option of [Client.Object].
type ObjectOption interface {
	object(limit *time.Duration) error
}

// waitForDocument is how long to wait.
type waitForDocument time.Duration

func (w waitForDocument) object(limit *time.Duration) error {
	if w <= 0 {
		return fmt.Errorf("WaitForDocument(%v): the limit is not positive; leave the option out to ask once", time.Duration(w))
	}
	*limit = time.Duration(w)
	return nil
}

// WaitForDocument makes [Client.Object] wait for a document that is not there yet, as it can be in the moment after an
// event: [ErrNotFound] is followed by another try, after a quarter of a second at first and 4 s at most, until the
// document comes or limit has passed, or the context's deadline is too near for another wait. Then the ErrNotFound is
// returned: treat the document as deleted.
//
// A limit of 10 s is plenty. In a handler, which has to respond in time, hand the event to a queue first. After an
// event of type delete there is nothing to wait for.
func WaitForDocument(limit time.Duration) ObjectOption { return waitForDocument(limit) }

// Object fetches the document behind a webhook event, of the type that its data type says: a *[Sleep] for
// [DataTypeSleep], a *[DailySleep] for [DataTypeDailySleep] and so on, for a type switch:
//
//	doc, err := client.Object(ctx, ev.DataType, ev.ObjectID, oura.WaitForDocument(10*time.Second))
//	switch doc := doc.(type) {
//	case *oura.Sleep:
//		…
//	}
//
// The client must be that of the person in the event, with the scope of the collection.
//
// A data type without an endpoint, as [DataTypeMeal] is and as newer ones are until this module knows them, is an
// [ErrInvalidRequest] before any request; so is an empty id. An unknown id is an ErrNotFound: the document was deleted
// meanwhile or is not there yet, see [WaitForDocument]. With an error the document is nil.
func (c *Client) Object(ctx context.Context, t DataType, id string, opts ...ObjectOption) (any, error) {
	var patience time.Duration
	for _, opt := range opts {
		if opt == nil {
			return nil, invalidRequest(http.MethodGet, objectPath, "Object: an option is nil; leave it out")
		}
		if err := opt.object(&patience); err != nil {
			return nil, invalidRequest(http.MethodGet, objectPath, "%v", err)
		}
	}
	begin := time.Now()
	for try := 0; ; try++ {
		doc, known, err := c.object(ctx, t, id)
		if !known {
			return nil, invalidRequest(http.MethodGet, objectPath, "Object: %s", withoutEndpoint(t))
		}
		if err == nil || !errors.Is(err, ErrNotFound) {
			return doc, err
		}
		limit := wait.Backoff(try, minObjectPause, maxObjectPause)
		pause := wait.Between(limit-limit/4, limit)
		if left := patience - time.Since(begin); left < pause {
			pause = left // the last try is at the limit
		}
		if pause <= 0 || !wait.Fits(ctx, pause) {
			return nil, err
		}
		if wait.Sleep(ctx, pause) != nil {
			return nil, endedContext(ctx, objectPath)
		}
	}
}

const (
	objectPath = root + collections + "{…}"

	minObjectPause = 250 * time.Millisecond
	maxObjectPause = 4 * time.Second
)

func withoutEndpoint(t DataType) string {
	switch {
	case t == "":
		return "the data type is empty; pass that of the event"
	case t.Valid():
		return fmt.Sprintf("the service has no endpoint for documents of type %q; the event is all there is", string(t))
	default:
		return fmt.Sprintf("documents of type %q are not known to this module; read them with NewDocuments, or see whether a newer version knows them",
			text.Clip(string(t), text.MaxName))
	}
}
