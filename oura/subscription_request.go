package oura

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"

	"github.com/oura-go/sdk/internal/text"
)

// SubscriptionRequest is a subscription as it should be. It never prints its VerificationToken: not under %v, %+v and
// %#v, not as JSON, not by slog.
type SubscriptionRequest struct {
	// CallbackURL is where to deliver events: an absolute https URL, without a fragment. Subscriptions are compared by
	// it, letter by letter, so write it the same way everywhere. Plain http is taken in tests only: for a loopback
	// host, or if the client's base URL is plain http itself, as a fake service has it.
	CallbackURL string `json:"callback_url"`

	// VerificationToken is a secret of your choice, which the service sends back in the handshake, so that the receiver
	// knows its own subscription. The service never tells it again.
	VerificationToken string `json:"verification_token"`

	// EventType is the kind of change to report: [EventTypeCreate], [EventTypeUpdate], [EventTypeDelete].
	EventType EventType `json:"event_type"`

	// DataType is the kind of data to report changes of.
	DataType DataType `json:"data_type"`

	// TakeOver lets [Subscriptions.Ensure] repoint a subscription that has another callback. As staging and production
	// share the subscriptions of their application, set it in one of them at most.
	TakeOver bool `json:"take_over,omitempty"`
}

// AllEvents returns a request for every kind of change to each of the data types, for [Subscriptions.Ensure] and
// [Subscriptions.KeepAlive].
func AllEvents(callbackURL, verificationToken string, dataTypes ...DataType) []SubscriptionRequest {
	var all []SubscriptionRequest
	for _, data := range dataTypes {
		for _, event := range []EventType{EventTypeCreate, EventTypeUpdate, EventTypeDelete} {
			all = append(all, SubscriptionRequest{
				CallbackURL: callbackURL, VerificationToken: verificationToken, EventType: event, DataType: data,
			})
		}
	}
	return all
}

// String shows all but the verification token.
func (r SubscriptionRequest) String() string {
	shown := fmt.Sprintf("%s of %s to %s", text.Clip(string(r.EventType), text.MaxName), text.Clip(string(r.DataType), text.MaxName), printableURL(r.CallbackURL))
	if r.TakeOver {
		shown += " (take over)"
	}
	return shown
}

// Format prints String under every verb, so that %+v and %#v do not show the verification token.
func (r SubscriptionRequest) Format(s fmt.State, verb rune) { text.Format(s, verb, r.String()) }

// MarshalJSON leaves out the verification token. The rest reads back.
func (r SubscriptionRequest) MarshalJSON() ([]byte, error) {
	type plain SubscriptionRequest // without this method
	return json.Marshal(struct {
		plain
		VerificationToken string `json:"verification_token,omitempty"` // hides the embedded one
	}{plain: plain(r)})
}

// LogValue implements [slog.LogValuer].
func (r SubscriptionRequest) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("callback_url", printableURL(r.CallbackURL)),
		slog.String("event_type", string(r.EventType)),
		slog.String("data_type", string(r.DataType)),
	)
}

// printableURL is a URL without user, password and query, where people put secrets.
func printableURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "a text that is no URL"
	}
	u.User, u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment = nil, "", false, "", ""
	return text.Clip(u.String(), text.MaxDetail)
}

// check names what is wrong and what to do, never the verification token.
func (r SubscriptionRequest) check(plainHTTP bool) error {
	if err := checkCallback(r.CallbackURL, plainHTTP); err != nil {
		return err
	}
	if r.VerificationToken == "" {
		return errors.New("VerificationToken: it is empty; choose a long random text and give the receiver the same")
	}
	return r.pair().check()
}

// checkCallback takes plain http for a loopback host and, if so told, for any.
func checkCallback(raw string, plain bool) error {
	const cure = "; give an absolute https URL, such as https://example.com/oura"
	if raw == "" {
		return errors.New("CallbackURL: it is empty" + cure)
	}
	u, err := url.Parse(raw)
	shown := printableURL(raw)
	switch {
	case err != nil:
		return errors.New("CallbackURL: it cannot be read as a URL" + cure)
	case u.Hostname() == "":
		return fmt.Errorf("CallbackURL: %q has no host%s", shown, cure)
	case u.Scheme == "http" && (plain || isLoopback(u.Hostname())):
	case u.Scheme != "https":
		return fmt.Errorf("CallbackURL: %q does not begin with https://, and only a loopback host may do without%s", shown, cure)
	}
	if strings.Contains(raw, "#") {
		return fmt.Errorf("CallbackURL: %q is followed by a fragment, which no server gets to see; leave # and the rest out", shown)
	}
	return nil
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && addr.IsLoopback()
}

// pair is what an application can have one subscription for.
type pair struct {
	event EventType
	data  DataType
}

func (r SubscriptionRequest) pair() pair { return pair{r.EventType, r.DataType} }

func (p pair) check() error {
	switch {
	case p.event == "":
		return errors.New("EventType: it is empty; use EventTypeCreate, EventTypeUpdate or EventTypeDelete")
	case p.data == "":
		return errors.New("DataType: it is empty; use a DataType constant, such as DataTypeSleep")
	}
	return nil
}

func (p pair) String() string { return text.Clip(string(p.event)+" of "+string(p.data), text.MaxName) }
