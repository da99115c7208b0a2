package oauth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"syscall"
	"time"

	"golang.org/x/oauth2"
)

// LoginOption changes [Login].
type LoginOption interface{ applyLogin(*login) error }

type loginOption func(*login) error

func (o loginOption) applyLogin(l *login) error { return o(l) }

// WithBrowser has the consent page opened by open, and not by the system's
// browser. Its error is told with the address and does not end the login: the
// person can open the address by hand. It must return without waiting for the
// person, or when ctx ends.
func WithBrowser(open func(ctx context.Context, address string) error) LoginOption {
	return loginOption(func(l *login) error {
		if open == nil {
			return errors.New("oauth: WithBrowser(nil): use WithoutBrowser")
		}
		l.open = open
		return nil
	})
}

// WithoutBrowser opens nothing: the address is printed for the person to open.
func WithoutBrowser() LoginOption {
	return loginOption(func(l *login) error {
		l.open = func(context.Context, string) error { return nil }
		return nil
	})
}

// WithOutput prints to w, not to standard error. Nothing secret is printed.
func WithOutput(w io.Writer) LoginOption {
	return loginOption(func(l *login) error {
		if w == nil {
			return errors.New("oauth: WithOutput(nil): use io.Discard")
		}
		l.out = w
		return nil
	})
}

// WithTimeout waits for the person as long as d, not 5 minutes.
func WithTimeout(d time.Duration) LoginOption {
	return loginOption(func(l *login) error {
		if d <= 0 {
			return fmt.Errorf("oauth: WithTimeout(%s): the duration is not positive", d)
		}
		l.timeout = d
		return nil
	})
}

// WithPKCE adds a code challenge, where the family takes one ([Moi]).
func WithPKCE() LoginOption {
	return loginOption(func(l *login) error { l.pkce = true; return nil })
}

// login is one call of Login.
type login struct {
	cfg     *oauth2.Config
	store   Store
	open    func(context.Context, string) error
	out     io.Writer
	timeout time.Duration
	pkce    bool

	attempt attempt
	path    string
	turn    semaphore // held by the one callback that counts, for good
	done    chan outcome
}

type outcome struct {
	token *oauth2.Token
	err   error
}

// Login asks the person at the terminal for consent and stores the grant: it
// listens at cfg.RedirectURL, opens the consent page in the browser and prints
// its address, exchanges the code and saves the token, which it returns too.
//
// RedirectURL must be http, on a loopback host and with a port, such as
// "http://localhost:8910/callback", and registered for the application exactly
// so. Nothing but its path is answered, and everything is shut down on return.
//
// A callback with a wrong state is refused, and the login goes on waiting; a
// second callback is refused too. Denied consent ends it: [ErrConsentDenied].
// Nobody coming within the timeout is [context.DeadlineExceeded]. A grant that
// was given and could not be stored is a *[SaveError], which holds it.
func Login(ctx context.Context, cfg *oauth2.Config, store Store, opts ...LoginOption) (*oauth2.Token, error) {
	l := &login{
		cfg: cfg, store: store, open: openBrowser, out: os.Stderr, timeout: 5 * time.Minute,
		turn: newSemaphore(), done: make(chan outcome, 1),
	}
	for _, o := range opts {
		if o == nil {
			continue
		}
		if err := o.applyLogin(l); err != nil {
			return nil, err
		}
	}
	if err := checkConsent(ctx, cfg); err != nil {
		return nil, err
	}
	if store == nil {
		return nil, errors.New("oauth: the store is nil")
	}
	return l.run(ctx)
}

func (l *login) run(ctx context.Context) (*oauth2.Token, error) {
	listeners, err := l.listen(ctx)
	if err != nil {
		return nil, err
	}
	waiting, cancel := context.WithTimeoutCause(ctx, l.timeout,
		fmt.Errorf("oauth: nobody came back from the consent page within %s: %w", l.timeout, context.DeadlineExceeded))
	defer cancel()

	address, a := begin(l.cfg, l.pkce, nil)
	l.attempt = a
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { l.serve(ctx, w, r) }),
		// The person's browser is next door: whoever is slower than this is not it.
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0), // the terminal is the program's
	}
	served := make(chan struct{}, len(listeners))
	for _, listener := range listeners {
		go func() {
			_ = server.Serve(listener) // until it is shut down
			served <- struct{}{}
		}()
	}
	defer func() {
		// Let the last page reach the browser, but not for long.
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if server.Shutdown(closing) != nil {
			_ = server.Close()
		}
		for range listeners {
			<-served
		}
	}()

	_, _ = fmt.Fprintf(l.out, "Open this page to give access to your Oura data:\n\n%s\n\n", address)
	if err := l.open(waiting, address); err != nil {
		_, _ = fmt.Fprintln(l.out, "The browser could not be opened; please open the page yourself.")
	}
	select {
	case o := <-l.done:
		return o.token, o.err
	case <-waiting.Done():
	}
	select {
	case l.turn <- struct{}{}: // from here on no callback counts
		return nil, context.Cause(waiting)
	default: // one came at the last moment; it honours ctx itself
		o := <-l.done
		return o.token, o.err
	}
}

// listen takes the redirect URL as it is.
func (l *login) listen(ctx context.Context) ([]net.Listener, error) {
	u, err := url.Parse(l.cfg.RedirectURL)
	if err != nil {
		return nil, errors.New("oauth: the configuration's RedirectURL is no URL")
	}
	var hosts []string
	switch ip := net.ParseIP(u.Hostname()); {
	case u.Scheme != "http":
	case u.Hostname() == "localhost":
		// Browsers try either. Not every machine has the second, but no other
		// program may have it: the code would go there.
		hosts = []string{"127.0.0.1", "::1"}
	case ip != nil && ip.IsLoopback():
		hosts = []string{ip.String()}
	}
	port := u.Port()
	if len(hosts) == 0 || port == "" || port == "0" {
		return nil, fmt.Errorf("oauth: Login cannot listen at RedirectURL %q: it must be http, on localhost or a loopback address, and with a port, like http://localhost:8910/callback", u.Redacted())
	}
	l.path = u.EscapedPath()
	if l.path == "" {
		l.path = "/"
	}
	var listeners []net.Listener
	for i, host := range hosts {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(host, port))
		if err != nil && (i == 0 || errors.Is(err, syscall.EADDRINUSE)) {
			for _, l := range listeners {
				_ = l.Close()
			}
			return nil, fmt.Errorf("oauth: Login cannot listen at the RedirectURL (is another program using port %s?): %w", port, err)
		}
		if err == nil {
			listeners = append(listeners, listener)
		}
	}
	return listeners, nil
}

// serve answers the browser. ctx is Login's: the browser may leave.
func (l *login) serve(ctx context.Context, w http.ResponseWriter, r *http.Request) {
	private(w)
	w.Header().Set("Connection", "close")
	if r.URL.EscapedPath() != l.path {
		http.NotFound(w, r)
		return
	}
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", http.MethodGet)
		http.Error(w, "GET only", http.StatusMethodNotAllowed)
		return
	}
	code, err := CallbackCode(r, l.attempt.state)
	if errors.Is(err, ErrState) {
		http.Error(w, "This is not the answer to the login that is waiting.", http.StatusBadRequest)
		return
	}
	select {
	case l.turn <- struct{}{}:
	default:
		http.Error(w, "This login was answered already.", http.StatusConflict)
		return
	}
	result := outcome{err: errors.New("oauth: the store panicked")}
	defer func() { l.done <- result }()
	if err == nil {
		result.token, err = l.finish(ctx, code)
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

func (l *login) finish(ctx context.Context, code string) (*oauth2.Token, error) {
	token, err := l.attempt.exchange(ctx, l.cfg, code)
	if err != nil {
		return nil, err
	}
	saving, cancel := context.WithTimeout(context.WithoutCancel(ctx), exchangeTimeout)
	defer cancel()
	if err := saveRetrying(saving, l.store, token); err != nil {
		return nil, &SaveError{Token: copyToken(token), Err: err}
	}
	return token, nil
}
