package oura

import (
	"context"
	"fmt"
	"net/http"

	"github.com/oura-go/sdk/internal/text"
)

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
func (c *Client) Object(ctx context.Context, t DataType, id string, opts ...GetOption) (any, error) {
	ctx, o, err := called(ctx, http.MethodGet, objectPath, opts, GetOption.get)
	if err != nil {
		return nil, err
	}
	return await(ctx, objectPath, o.patience, func(ctx context.Context) (any, error) {
		doc, known, err := c.object(ctx, t, id)
		if !known {
			return nil, invalidRequest(http.MethodGet, objectPath, "Object: %s", withoutEndpoint(t))
		}
		return doc, err
	})
}

const objectPath = root + collections + "{…}"

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
