package webhook

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"
)

const defaultMaxBody = 1 << 20

// Handler receives the webhooks of an application, at the callback URL of its subscriptions: the handshake as GET,
// events as POST. The package comment says which way a delivery takes and which responses there are.
//
// It is safe for concurrent use as long as its fields do not change. Give the [http.Server] a ReadTimeout: it is what
// bounds a request that never ends.
type Handler struct {
	// ClientSecret of the application, with which Oura signs. While it is empty, every delivery and every handshake is
	// refused.
	ClientSecret string

	// VerificationToken is the one given when the subscription is made. While it is empty, every handshake is refused.
	VerificationToken string

	// Tolerance is how old a delivery may be, see [Verifier]. Zero means 2 hours back and 5 minutes ahead.
	Tolerance time.Duration

	// Timeout bounds Handle; zero or less means 8 seconds, since Oura waits for 10. When it ends, so does the context, and
	// Oura receives 503 at once, whatever Handle returns later. The request stays open until Handle returns, so that
	// shutting a server down waits for it.
	Timeout time.Duration

	// Duplicates skips events that have been handled; nil means no filter.
	Duplicates Duplicates

	// Handle is called with each event that is proven and new. What it returns decides the response: nil 200;
	// [ErrUnsubscribe] 410, upon which Oura cancels the subscription; [ErrQueueFull], [ErrQueueClosed] and the end of a
	// context 503; any other error, and a panic, 500. Oura repeats the delivery after 500 and 503. The context ends
	// with Timeout or when Oura hangs up; Handle must heed it. Calls run concurrently, in no order.
	Handle func(ctx context.Context, ev Event) error

	// MaxBodyBytes is the largest body that is read; zero or less means 1 MiB. An event has about 200 bytes.
	MaxBodyBytes int64

	// Now is the clock that timestamps are held against; nil means time.Now.
	Now func() time.Time

	// Logger is told why a request was refused (Warn) and why an event was not handled (Error), with type and ID of the
	// document, and with the error that Handle returned. Secrets, tokens, signatures and bodies are never logged. Nil
	// means slog.Default(); slog.New(slog.DiscardHandler) logs nothing.
	Logger *slog.Logger
}

// ServeHTTP serves a handshake or a delivery.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet:
		challenge, status, err := handshake(h.VerificationToken, r.URL.RawQuery)
		if h.ClientSecret == "" { // a subscription whose events are all refused is worse than none
			status, err = http.StatusForbidden, errNoSecret
		}
		if err != nil {
			h.refuse(w, r, status, err)
			return
		}
		respondChallenge(w, challenge)
	case http.MethodPost:
		ev, key, err := h.receive(w, r)
		if err != nil {
			h.refuse(w, r, refusalStatus(err), err)
			return
		}
		d := delivery{handle: h.Handle, duplicates: h.Duplicates, timeout: h.Timeout, log: h.logger(), ev: ev, key: key}
		d.run(w, r)
	default:
		w.Header().Set("Allow", "GET, POST")
		respond(w, http.StatusMethodNotAllowed)
	}
}

// receive returns the event of a request, proven and parsed, and the key by which the duplicate filter knows it.
func (h *Handler) receive(w http.ResponseWriter, r *http.Request) (ev Event, key string, err error) {
	c, err := readClaim(r.Header)
	if err != nil {
		return Event{}, "", err // before an unsigned body is read
	}
	var body []byte
	if r.Body != nil { // it is nil in a request that a test made for a client
		limit := h.MaxBodyBytes
		if limit <= 0 {
			limit = defaultMaxBody
		}
		if body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, limit)); err != nil {
			return Event{}, "", fmt.Errorf("webhook: read body: %w", err)
		}
	}
	v := Verifier{ClientSecret: h.ClientSecret, Tolerance: h.Tolerance, Now: h.Now}
	if err := v.check(c, body); err != nil {
		return Event{}, "", err
	}
	if ev, err = ParseEvent(body); err != nil {
		return Event{}, "", err
	}
	return ev, filterKey(ev, c.time), nil
}

func refusalStatus(err error) int {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return http.StatusRequestEntityTooLarge
	}
	switch {
	case errors.Is(err, ErrMalformed): // before the next: signed, but no object
		return http.StatusBadRequest
	case errors.Is(err, ErrInvalidSignature), errors.Is(err, ErrStale):
		return http.StatusUnauthorized
	default: // the body was cut
		return http.StatusBadRequest
	}
}

func (h *Handler) refuse(w http.ResponseWriter, r *http.Request, status int, err error) {
	h.logger().WarnContext(r.Context(), "webhook: request refused",
		slog.String("method", r.Method), slog.Int("status", status), slog.Any("error", err))
	respond(w, status)
}

func (h *Handler) logger() *slog.Logger { return cmp.Or(h.Logger, slog.Default()) }
