package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/oauth2"
)

// Exchange trades the code of a consent for a token: one POST, never repeated, no redirects. A code is good for one
// exchange within ten minutes, and a refused exchange may burn it: after an error, ask for consent again.
//
// The options are those of x/oauth2, such as [oauth2.VerifierOption]; a nil one is an error. The HTTP client is the
// context's ([oauth2.HTTPClient]), where it has one. A response that grants nothing is a *[TokenError].
//
// The token carries the scopes that were granted ([GrantedScopes]), which may be fewer than those asked for, and the
// URL of the token endpoint. Store it with a [Store] or with [EncodeToken]; json.Marshal loses both.
func Exchange(ctx context.Context, cfg *oauth2.Config, code string, opts ...oauth2.AuthCodeOption) (*oauth2.Token, error) {
	return exchange(ctx, cfg, code, "", opts)
}

// exchange keeps the scope of the callback where the response lacks it.
func exchange(ctx context.Context, cfg *oauth2.Config, code, scope string, opts []oauth2.AuthCodeOption) (*oauth2.Token, error) {
	e, err := newEndpoint(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if code == "" {
		return nil, ErrNoCode
	}
	if slices.Contains(opts, nil) {
		return nil, errNilOption
	}
	form := optionValues(opts)
	form.Set("grant_type", "authorization_code")
	form.Set("code", code)
	if e.redirectURL != "" {
		form.Set("redirect_uri", e.redirectURL)
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	a, err := e.grant(ctx, form, code, form.Get("code_verifier"))
	if err == nil && a.refused != nil {
		err = a.refused
	}
	if err != nil {
		if ctxErr := ctx.Err(); ctxErr != nil && !errors.Is(err, ctxErr) {
			err = fmt.Errorf("%w: %w", err, ctxErr)
		}
		return nil, fmt.Errorf("exchange of the code: %w", err)
	}
	if scope != "" && len(scope) <= maxToken && joinScope(a.extra[keyScope]) == "" {
		a.extra[keyScope] = scope
	}
	return a.token(e.tokenURL, nil), nil
}

// optionValues reads what x/oauth2's options set, which only x/oauth2 itself can do, by having it build a URL.
func optionValues(opts []oauth2.AuthCodeOption) url.Values {
	_, query, _ := strings.Cut((&oauth2.Config{}).AuthCodeURL("", opts...), "?")
	values, _ := url.ParseQuery(query) // x/oauth2 has encoded it
	values.Del("response_type")
	values.Del("client_id")
	return values
}
