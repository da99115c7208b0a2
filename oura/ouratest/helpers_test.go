package ouratest_test

import (
	"context"
	"net/http/httptest"
	"reflect"
	"testing"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/webhook"
)

type ctx = context.Context

// receiverFor listens for handshakes with the token and returns its URL.
func receiverFor(t testing.TB, token string) string {
	t.Helper()
	s := httptest.NewServer(&webhook.Handler{
		ClientSecret: "fake-client-secret", VerificationToken: token,
		Handle: func(context.Context, webhook.Event) error { return nil },
	})
	t.Cleanup(s.Close)
	return s.URL
}

// idOf reads the ID of any model.
func idOf(doc any) string {
	return reflect.Indirect(reflect.ValueOf(doc).FieldByName("ID")).String()
}

// listAll is what a client reads in ranges of days and of time, by collection.
func listAll(t *testing.T, c *oura.Client, days, between any) map[string][]any {
	t.Helper()
	all := map[string][]any{}
	for _, collection := range everyCollection() {
		in := []reflect.Value{reflect.ValueOf(t.Context())}
		switch {
		case collection.Dated:
			in = append(in, reflect.ValueOf(days))
		case collection.Path != "ring_configuration":
			in = append(in, reflect.ValueOf(between))
		}
		for doc, err := range reflect.ValueOf(c).Elem().FieldByName(collection.Name).MethodByName("List").Call(in)[0].Seq2() {
			if !err.IsNil() {
				t.Fatalf("%s: %v", collection.Path, err)
			}
			all[collection.Path] = append(all[collection.Path], doc.Interface())
		}
	}
	return all
}
