// Package webhook is the receiving end of Oura's webhooks: it proves that a delivery comes from Oura, completes
// the handshake, and hands events to your code without losing any.
//
// # Receiving
//
// [Handler] is a [net/http.Handler] for the callback URL of a subscription:
//
//	http.Handle("/oura", &webhook.Handler{
//		ClientSecret:      secret,
//		VerificationToken: token,
//		Handle: func(ctx context.Context, ev webhook.Event) error {
//			return jobs.Enqueue(ctx, ev)
//		},
//	})
//
// It must be serving before the subscription is made, because Oura sends the handshake while the call that creates or
// updates a subscription is still open. The handshake is a GET with a verification token and a challenge; the challenge
// is returned when the token is the right one.
//
// A delivery is a POST and takes this way:
//
//  1. The headers X-Oura-Signature and X-Oura-Timestamp must be there, each exactly once. The body is read up to a limit.
//  2. [Verifier] recomputes the signature over the timestamp, just as it was sent, and the raw body, and compares in
//     constant time. Then it holds the timestamp against the clock.
//  3. [ParseEvent] reads the event. Types that this package has never heard of pass through unchanged.
//  4. A [Duplicates] filter, if there is one, is asked whether the event has been handled already.
//  5. Handle runs, within a time limit, and its result decides the response.
//
// # Responses
//
// Oura expects a 2xx within 10 seconds and otherwise repeats the delivery, up to ten times over about an hour. A 2xx is
// sent only after Handle returned nil:
//
//	200  handled, or a duplicate of a handled event
//	400  signed, but no event that can be read; or a handshake without a challenge
//	401  not proven to come from Oura, or stale
//	403  handshake with a wrong token
//	405  neither GET nor POST
//	410  Handle returned ErrUnsubscribe: Oura cancels the subscription
//	413  the body is too large
//	500  Handle failed or panicked
//	503  Handle took too long, or the queue is full or closed
//
// A response never says why, and repeats nothing of the request but the challenge. The reason goes to Handler.Logger.
//
// # What to expect of events
//
// An event says that a document changed, not what is in it: fetch the document by Event.DataType and Event.ObjectID. It
// may not be found for a moment. Duplicates and disorder are normal, so handling must be idempotent; [Event.Key]
// is the same for every delivery of an event and serves as the idempotency key of a job system. Some events never come:
// read a trailing window of days again from time to time.
//
// Hand the event to a job system that survives a crash and return. Where there is none, [Queue] runs the work inside
// this process.
//
// # Without net/http
//
// Behind a serverless adapter or another framework, call [Verifier.Verify] with headers and raw body, then
// [ParseEvent]. In tests, [Sign] makes the signature that Oura would.
package webhook
