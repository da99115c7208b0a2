package oauth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"sync"
	"syscall"
	"time"

	"golang.org/x/oauth2"
)

// receiver waits at a redirect URL on this machine for the callback of one attempt.
type receiver struct {
	attempt attempt
	finish  func(granted) (*oauth2.Token, error)
	path    string
	turn    semaphore // held by the one callback that counts, for good
	done    chan outcome

	server    *http.Server
	listeners []net.Listener
	serving   sync.WaitGroup
}

type outcome struct {
	token *oauth2.Token
	err   error
}

// listen takes the redirect URL as it is, and serves until shutdown.
func listen(ctx context.Context, redirectURL string, a attempt, finish func(granted) (*oauth2.Token, error)) (*receiver, error) {
	u, _ := url.Parse(redirectURL) // checkConsent has parsed it
	var hosts []string
	switch ip := net.ParseIP(u.Hostname()); {
	case u.Scheme != "http":
	case u.Hostname() == "localhost":
		// Browsers try either. Not every machine has the second, but no other program may have it: the code would go there.
		hosts = []string{"127.0.0.1", "::1"}
	case ip != nil && ip.IsLoopback():
		hosts = []string{ip.String()}
	}
	port := u.Port()
	if len(hosts) == 0 || port == "" || port == "0" {
		return nil, &ConfigError{Field: "RedirectURL", Problem: fmt.Sprintf(
			"%q is none that Login can listen at: register one that is http, on localhost and with a port, like http://localhost:8910/callback, or use oauth.WithPaste",
			u.Redacted())}
	}
	r := &receiver{
		attempt: a, finish: finish, path: cmp.Or(u.EscapedPath(), "/"), turn: newSemaphore(), done: make(chan outcome, 1),
		server: &http.Server{
			// The browser runs on this machine: a slower client is not it.
			ReadHeaderTimeout: 10 * time.Second,
			ErrorLog:          log.New(io.Discard, "", 0), // the terminal is the program's
		},
	}
	r.server.Handler = r
	for i, host := range hosts {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(host, port))
		if err != nil && (i == 0 || errors.Is(err, syscall.EADDRINUSE)) {
			r.shutdown(ctx)
			return nil, fmt.Errorf("oauth: Login cannot listen at the RedirectURL (is another program using port %s?): %w", port, err)
		}
		if err != nil {
			continue
		}
		r.listeners = append(r.listeners, listener)
		r.serving.Go(func() { _ = r.server.Serve(listener) }) // until it is shut down
	}
	return r, nil
}

// shutdown lets the last page reach the browser, but not for long.
func (r *receiver) shutdown(ctx context.Context) {
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if r.server.Shutdown(closing) != nil {
		_ = r.server.Close()
	}
	for _, listener := range r.listeners {
		_ = listener.Close() // where Serve had not begun
	}
	r.serving.Wait()
}

// wait returns what the callback brought, or the cause of ctx's end.
func (r *receiver) wait(ctx context.Context) (*oauth2.Token, error) {
	var o outcome
	select {
	case o = <-r.done:
	case <-ctx.Done():
		select {
		case r.turn <- struct{}{}: // from here on no callback counts
			return nil, context.Cause(ctx)
		case o = <-r.done: // one came at the last moment; it honours Login's context itself
		}
	}
	return o.token, o.err
}

// ServeHTTP takes the callback. The browser may leave.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	private(w)
	w.Header().Set("Connection", "close")
	if req.URL.EscapedPath() != r.path {
		http.NotFound(w, req)
		return
	}
	if !isGet(w, req) {
		return
	}
	got, err := r.attempt.read(req.URL.RawQuery)
	if errors.Is(err, ErrState) {
		http.Error(w, "This is not the answer to the login that is waiting.", http.StatusBadRequest)
		return
	}
	select {
	case r.turn <- struct{}{}:
	default:
		http.Error(w, "This login was answered already.", http.StatusConflict)
		return
	}
	result := outcome{err: errors.New("oauth: the store panicked")}
	defer func() { r.done <- result }()
	if err == nil {
		result.token, err = r.finish(got)
	}
	result.err = err
	switch {
	case err == nil:
		_, _ = io.WriteString(w, "Access was given. You can close this page and return to the program.\n")
	case errors.Is(err, ErrConsentDenied):
		http.Error(w, "You did not give access. You can close this page.", http.StatusForbidden)
	default:
		http.Error(w, "The login failed. The program says why.", http.StatusBadGateway)
	}
}
