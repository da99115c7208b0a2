package oauth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// ConsentPageError is a consent page that refuses the request for consent. A browser would show a blank page or one
// that does not say why.
type ConsentPageError struct {
	// StatusCode is the HTTP status.
	StatusCode int
	// Code and Description are the page's "error" and "error_description" where it is JSON, bounded and on one line.
	Code, Description string
}

// Error says status, code and description, and what to check.
func (e *ConsentPageError) Error() string {
	return described("oauth: the consent page answers "+strconv.Itoa(e.StatusCode), e.Code, e.Description) +
		" (check that RedirectURL is registered for the application, character by character and with the same trailing slash," +
		" that it is on localhost and not on 127.0.0.1, and that ClientID is that of the portal's application)"
}

// probe asks the consent page what a browser would ask, without following redirects. A *[ConsentPageError] says that
// the page refuses; any other error says nothing about what a browser will meet: the page is out of reach from here,
// busy, or forbidden to programs.
func probe(ctx context.Context, address string) error {
	const longest = 10 * time.Second
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return &ConfigError{Field: "Endpoint.AuthURL", Problem: "is none that a request can be made to"}
	}
	req.Header.Set("User-Agent", userAgent)
	req.Header.Set("Accept", "text/html,application/json;q=0.9")
	res, err := contextClient(ctx).Do(req)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err // without the address, which is printed anyhow
		}
		return err
	}
	defer func() { _ = res.Body.Close() }()
	switch code := res.StatusCode; {
	case code < http.StatusBadRequest:
		return nil
	case code >= http.StatusInternalServerError, code == http.StatusForbidden, code == http.StatusRequestTimeout,
		code == http.StatusTooEarly, code == http.StatusTooManyRequests:
		return fmt.Errorf("status %d", code)
	}
	const enough = 64 << 10
	body, _ := io.ReadAll(io.LimitReader(res.Body, enough))
	fields, _ := objectFields(body)
	code, _ := fields["error"].(string)
	description, _ := fields["error_description"].(string)
	s := newScrubber(req.URL.Query().Get("state"))
	return &ConsentPageError{StatusCode: res.StatusCode, Code: s.clean(code), Description: s.clean(description)}
}
