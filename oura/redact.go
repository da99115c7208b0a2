package oura

import (
	"context"
	"net/http"
	"strings"
)

// verificationKey finds the verification token of a request in its context.
type verificationKey struct{}

// guard keeps a verification token, which is in the body of the request, out of errors that quote the response.
func guard(ctx context.Context, verificationToken string) context.Context {
	return context.WithValue(ctx, verificationKey{}, verificationToken)
}

// secretsOf are the credentials of an authorized request, the verification token in its body, and its query, should the
// service repeat it.
func secretsOf(req *http.Request) []string {
	if req == nil {
		return nil
	}
	verification, _ := req.Context().Value(verificationKey{}).(string)
	return []string{
		strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer "),
		req.Header.Get("X-Client-Secret"),
		verification,
		req.URL.RawQuery,
		req.URL.Query().Get("next_token"),
	}
}
