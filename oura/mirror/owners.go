package mirror

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"weak"

	"github.com/oura-go/sdk/oura"
)

// Sandbox is the id under which the sample data of a client with [oura.WithSandbox] is copied, as the sandbox has no person.
const Sandbox = "sandbox"

// owners remembers whose clients it has seen, so that a person's is asked once. It keeps no client alive.
type owners struct {
	known sync.Map // from weak.Pointer[oura.Client] to the person's id
}

func (o *owners) of(ctx context.Context, client *oura.Client) (id string, err error) {
	key := weak.Make(client)
	if id, ok := o.known.Load(key); ok {
		return id.(string), nil //nolint:forcetypeassert // of holds nothing else
	}
	info, err := client.PersonalInfo(ctx)
	switch {
	case errors.Is(err, oura.ErrNotFound): // not noted, as the service may say so of a person for a moment
		return Sandbox, nil
	case err != nil:
		return "", err
	}
	o.known.Store(key, info.ID)
	runtime.AddCleanup(client, func(key weak.Pointer[oura.Client]) { o.known.Delete(key) }, key)
	return info.ID, nil
}
