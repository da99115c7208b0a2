package ouratest_test

import (
	"context"
	"net/http/httptest"
	"reflect"
	"testing"

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
