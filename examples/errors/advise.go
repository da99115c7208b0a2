package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura"
)

// advise says what a program does about an error of the client. What may pass by itself was repeated before it came
// here, so there is nothing to repeat at once.
func advise(err error) string {
	var e *oura.Error
	var bad *oura.DocumentError
	var grant *oauth.TokenError
	switch {
	case err == nil:
		return "nothing: it went well in the end, the client had repeated it"
	case errors.As(err, &bad):
		return "report it and go on: one document does not fit its model, the others are there"
	case errors.Is(err, oauth.ErrReauthorize), errors.Is(err, oauth.ErrNoToken):
		return "ask the person to connect again: the grant has ended, and no waiting brings it back"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "give it more time: the program's own deadline ended it"
	case !errors.As(err, &e):
		return "report it: it does not come from the client"
	case errors.Is(err, oura.ErrMissingScope):
		return fmt.Sprintf("ask the person to connect again, with the scope %q; until then go on without this data", e.Scope)
	case errors.As(err, &grant) && (grant.StatusCode >= http.StatusInternalServerError || grant.StatusCode == http.StatusTooManyRequests):
		return "run the job again later: the grant is fine, only the endpoint that renews it has a bad time"
	case errors.As(err, &grant):
		return "correct the configuration: client id, secret, and the endpoints that the application was registered for"
	case errors.Is(err, oura.ErrUnauthorized):
		return "ask the person to connect again: the access token is not accepted"
	case errors.Is(err, oura.ErrForbidden):
		return "stop asking and tell the person: the data is withheld, most often as the membership has lapsed"
	case errors.Is(err, oura.ErrNotFound):
		return "delete your copy: the document does not exist any more"
	case errors.Is(err, oura.ErrRateLimited):
		return fmt.Sprintf("put the job back into its queue, for %v from now", e.RetryAfter.Round(time.Second))
	case errors.Is(err, oura.ErrServer) && e.StatusCode == 0:
		return "run the job again later; if it stays so: " + e.Detail
	case errors.Is(err, oura.ErrServer):
		return "run the job again later: the service or the network has a bad time"
	case errors.Is(err, oura.ErrInvalidResponse):
		return "look at the base URL and the proxy in between: something else than the service has answered"
	default: // oura.ErrInvalidRequest
		return "correct the program: " + e.Detail
	}
}
