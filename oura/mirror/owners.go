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
	mu    sync.Mutex
	known map[weak.Pointer[oura.Client]]string
}

func (o *owners) of(ctx context.Context, client *oura.Client) (id string, err error) {
	key := weak.Make(client)
	o.mu.Lock()
	id, ok := o.known[key]
	o.mu.Unlock()
	if ok {
		return id, nil
	}
	info, err := client.PersonalInfo(ctx)
	switch {
	case errors.Is(err, oura.ErrNotFound): // not noted, as the service may say so of a person for a moment
		return Sandbox, nil
	case err != nil:
		return "", err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.known == nil {
		o.known = map[weak.Pointer[oura.Client]]string{}
	}
	o.known[key] = info.ID
	runtime.AddCleanup(client, o.forget, key)
	return info.ID, nil
}

func (o *owners) forget(key weak.Pointer[oura.Client]) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.known, key)
}
