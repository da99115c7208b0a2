package oauth

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

const (
	// requestTimeout bounds one request to an endpoint. With saveTimeout it makes up the time that a refresh may take
	// once it is sent.
	requestTimeout = 25 * time.Second
	// maxAnswer bounds what is read of a response.
	maxAnswer = 256 << 10

	userAgent = "oura-go-sdk"
)

// endpoint is the client of one application's token endpoint. It is used behind a pointer only, so that fmt does not
// follow it from a type that holds it.
//
// x/oauth2 is not used for the requests: its autodetection of the AuthStyle sends a single-use token twice, it follows
// a 307 with the client's secret, and its errors print what the service echoes.
type endpoint struct {
	tokenURL, id, secret, redirectURL string
	style                             oauth2.AuthStyle
	http                              *http.Client
}

// newEndpoint copies what it needs of cfg and checks it. The HTTP client is the context's ([oauth2.HTTPClient]), where
// it has one.
func newEndpoint(ctx context.Context, cfg *oauth2.Config) (*endpoint, error) {
	if cfg == nil {
		return nil, errNoConfig
	}
	if cfg.ClientID == "" {
		return nil, &ConfigError{Field: "ClientID", Problem: "is empty"}
	}
	if err := checkURL("Endpoint.TokenURL", cfg.Endpoint.TokenURL); err != nil {
		return nil, err
	}
	switch cfg.Endpoint.AuthStyle {
	case oauth2.AuthStyleAutoDetect, oauth2.AuthStyleInParams, oauth2.AuthStyleInHeader:
	default:
		return nil, &ConfigError{Field: "Endpoint.AuthStyle", Problem: "is none of x/oauth2's"}
	}
	return &endpoint{
		tokenURL: cfg.Endpoint.TokenURL, id: cfg.ClientID, secret: cfg.ClientSecret,
		redirectURL: cfg.RedirectURL, style: cfg.Endpoint.AuthStyle, http: contextClient(ctx),
	}, nil
}

// checkURL does not quote the URL: whoever writes a secret into one by mistake should not read it in a log.
func checkURL(field, raw string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return &ConfigError{Field: field, Problem: "is not an absolute http or https URL: use oauth.Moi.Config"}
	}
	return nil
}

// contextClient returns a copy of the context's client that follows no redirect: one would carry codes, tokens and the
// client's secret to another address.
func contextClient(ctx context.Context) *http.Client {
	c := &http.Client{}
	if given, ok := ctx.Value(oauth2.HTTPClient).(*http.Client); ok && given != nil {
		*c = *given
	} else if t, ok := http.DefaultTransport.(*http.Transport); ok {
		// A connection of its own, closed afterwards: a refresh is rare, and one that dies on a connection that went
		// stale is a refresh in doubt.
		t = t.Clone()
		t.DisableKeepAlives = true
		c.Transport = t
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c
}

// grant sends one token request and reads the response. The caller's values are completed with the client's credentials.
func (e *endpoint) grant(ctx context.Context, form url.Values, secrets ...string) (*answer, error) {
	reply, err := e.post(ctx, e.tokenURL, form, secrets...)
	if err != nil {
		return nil, err
	}
	a, err := readAnswer(reply)
	if refused, ok := errors.AsType[*TokenError](err); ok {
		if hint := hint(refused, otherFamily(e.tokenURL), form.Get("grant_type") == "authorization_code"); hint != "" {
			err = fmt.Errorf("%w (%s)", refused, hint)
		}
	}
	return a, err
}

// post sends form with the client's credentials.
func (e *endpoint) post(ctx context.Context, target string, form url.Values, secrets ...string) (*reply, error) {
	s := newScrubber(append(secrets, e.secret)...)
	basic := e.style == oauth2.AuthStyleInHeader
	if basic {
		s.secrets = append(s.secrets, base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(e.id)+":"+url.QueryEscape(e.secret))))
	} else {
		form.Set("client_id", e.id)
		if e.secret != "" {
			form.Set("client_secret", e.secret)
		}
	}
	return e.send(ctx, target, form, basic, s)
}

// send sends one POST, once: no redirect, no other AuthStyle tried, and no body that net/http could rewind to send it
// again.
func (e *endpoint) send(ctx context.Context, target string, form url.Values, basic bool, s scrubber) (*reply, error) {
	body := form.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, io.NopCloser(strings.NewReader(body)))
	if err != nil {
		return nil, errors.New("oauth: the endpoint's URL is not one that a request can be made to")
	}
	req.ContentLength = int64(len(body))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", userAgent)
	if basic {
		req.SetBasicAuth(url.QueryEscape(e.id), url.QueryEscape(e.secret))
	}

	res, err := e.http.Do(req)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err // without the URL, whose query may hold a token
		}
		return nil, &guarded{text: "oauth: no answer from the endpoint: " + s.clean(err.Error()), cause: err}
	}
	defer func() { _ = res.Body.Close() }()
	read, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	r := &reply{status: res.StatusCode, header: res.Header, body: read, cut: err != nil, scrubber: s}
	if len(read) > maxAnswer {
		r.body, r.cut = read[:maxAnswer], true
	}
	if err != nil && len(read) == 0 {
		return nil, &guarded{text: "oauth: the endpoint's answer broke off: " + s.clean(err.Error()), cause: err}
	}
	return r, nil
}
