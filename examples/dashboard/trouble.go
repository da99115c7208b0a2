package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura"
)

// trouble is an error as a person meets it: what happened, and what to do.
type trouble struct {
	status      int
	Title, Text string
	Action, URL string // of the button
	retryAfter  time.Duration
}

// trouble shows an error as a page. The log has it as it is: errors of the SDK hold no secret and no health data.
func (a *app) trouble(w http.ResponseWriter, r *http.Request, err error) {
	slog.WarnContext(r.Context(), "page failed", slog.String("path", r.URL.Path), slog.String("error", err.Error()))
	t := a.describe(err, r)
	if t.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(t.retryAfter/time.Second)+1))
	}
	a.say(w, r, t)
}

// say shows what happened as a page. Whoever is connected keeps the navigation.
func (a *app) say(w http.ResponseWriter, r *http.Request, t trouble) {
	known := session(r) != ""
	a.render(w, t.status, page{
		Title: t.Title, Name: "trouble", View: t, Connected: known || a.fixed != nil, CanLeave: known && a.fixed == nil,
	})
}

// scopeNames say what a person sees on the consent page.
var scopeNames = map[string]string{oauth.ScopeDaily: "sleep, readiness and activity", oauth.ScopeWorkout: "workouts"}

// describe tells the person what to do. The order matters where an error is of two kinds.
func (a *app) describe(err error, r *http.Request) trouble {
	const connect, retry = "/connect", "Try again"
	var e *oura.Error
	var bad badRequestError
	var missing notSharedError
	again := r.URL.RequestURI()
	switch {
	case r.URL.Path == callbackPath:
		again = connect // the code was used
	case r.Method != http.MethodGet:
		again = "/" // an address that is not to be visited
	}
	switch {
	case errors.As(err, &bad):
		return trouble{http.StatusBadRequest, "Please choose other days", string(bad), "Show the latest", r.URL.Path, 0}
	case errors.Is(err, oauth.ErrConsentDenied):
		return trouble{
			http.StatusForbidden, "You did not give access",
			"Nothing was connected, and nothing was read. If that was a mistake, connect again and allow it.", "Connect your ring", connect, 0,
		}
	case errors.Is(err, oauth.ErrState), errors.Is(err, oauth.ErrNoCode), errors.Is(err, oauth.ErrCodeUsed):
		return trouble{
			http.StatusBadRequest, "This link does not lead anywhere",
			"It was used before, has become too old, or belongs to another browser.", "Connect your ring", connect, 0,
		}
	case errors.As(err, &missing):
		scope := string(missing)
		what := scopeNames[scope]
		if what == "" {
			what = "these data"
		}
		if a.fixed != nil {
			return trouble{
				http.StatusForbidden, "This is not shared", fmt.Sprintf("The access token has no access to %s (“%s”).", what, scope), retry, again, 0,
			}
		}
		return trouble{
			http.StatusForbidden, "This is not shared",
			fmt.Sprintf("You have not given access to %s. Connect again and leave “%s” ticked if you want to see them here.", what, scope),
			"Connect again", connect, 0,
		}
	case errors.Is(err, oauth.ErrReauthorize), errors.Is(err, oauth.ErrNoToken), errors.Is(err, oura.ErrUnauthorized) && !grantsAreDown(err):
		if a.fixed != nil {
			return trouble{
				http.StatusUnauthorized, "The access token has ended", "Start this program with a living one in OURA_ACCESS_TOKEN.", retry, again, 0,
			}
		}
		return trouble{
			http.StatusUnauthorized, "Your connection has ended",
			"You may have ended it in your Oura account, or it was not used for long. Connect again to go on.", "Connect again", connect, 0,
		}
	case errors.Is(err, oura.ErrForbidden):
		return trouble{
			http.StatusForbidden, "Oura withholds your data",
			"That is so while a membership has lapsed. The Oura app says more. Your data are kept.", retry, again, 0,
		}
	case errors.Is(err, oura.ErrRateLimited) && errors.As(err, &e):
		return trouble{
			http.StatusTooManyRequests, "Too many requests for now",
			fmt.Sprintf("Oura asks us to wait for %s. Please come back then: nothing is lost.", duration(max(e.RetryAfter, time.Minute))), retry, again, e.RetryAfter,
		}
	case errors.Is(err, oura.ErrServer), errors.Is(err, oura.ErrContextEnded), errors.Is(err, oura.ErrInvalidResponse),
		errors.Is(err, context.DeadlineExceeded), grantsAreDown(err):
		return trouble{
			http.StatusBadGateway, "Oura does not answer",
			"That is nearly always over in a few minutes, and has nothing to do with your ring.", retry, again, 0,
		}
	default:
		return trouble{
			http.StatusInternalServerError, "Something went wrong here",
			"It is not your fault, and was noted.", retry, again, 0,
		}
	}
}

// grantsAreDown reports whether the endpoints that give, renew and end grants do not work for now.
func grantsAreDown(err error) bool {
	var answer *oauth.TokenError
	var network net.Error
	if errors.As(err, &answer) {
		return answer.StatusCode == http.StatusTooManyRequests || answer.StatusCode >= http.StatusInternalServerError
	}
	return errors.As(err, &network)
}

// notSharedError names the scope that a page needs.
type notSharedError string

func (n notSharedError) Error() string { return "the person has not granted " + string(n) }

func (a *app) notFound(w http.ResponseWriter, r *http.Request) {
	a.say(w, r, trouble{
		status: http.StatusNotFound, Title: "There is no such page", Text: "The address may be misspelled.", Action: "Last night", URL: "/",
	})
}
