package oauth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/oauth2"
)

// LoginOption changes [Login].
type LoginOption interface{ applyLogin(*login) error }

type loginOption func(*login) error

func (o loginOption) applyLogin(l *login) error { return o(l) }

func (o FamilyOption) applyLogin(l *login) error {
	l.family = &o.family
	return nil
}

// WithBrowser calls open for the consent page instead of the system's browser. Its error is printed and does not end
// the login: the person can open the address by hand. It must return without waiting for the person, or when ctx ends.
func WithBrowser(open func(ctx context.Context, address string) error) LoginOption {
	return loginOption(func(l *login) error {
		if open == nil {
			return errors.New("oauth: WithBrowser(nil): use WithoutBrowser")
		}
		l.open = open
		return nil
	})
}

// WithoutBrowser opens nothing: the address is printed for the person to open, on this machine. [WithPaste] is for
// another one.
func WithoutBrowser() LoginOption {
	return WithBrowser(func(context.Context, string) error { return nil })
}

// WithPaste is for a server or a container: nothing listens and no browser is opened. The address is printed, the
// person opens it on any machine, and after the consent the browser there fails to load an address that begins with the
// redirect URL. The person pastes that address, and Login reads it from in, such as [os.Stdin], as one line.
//
// State and issuer are checked as ever. A line that is no such address ([ErrPaste], [ErrNoCode]) or is of another login
// ([ErrState]) is explained on the output and the next line is read; the end of in returns that error. Any redirect URL
// that is registered for the application will do.
//
// Nothing is read beyond the line that counts. A login that ends earlier returns at once, but cannot take back a Read
// that in is blocked in: its goroutine ends with the next line or with in, and takes that line.
func WithPaste(in io.Reader) LoginOption {
	return loginOption(func(l *login) error {
		if in == nil {
			return errors.New("oauth: WithPaste(nil): use os.Stdin")
		}
		l.paste = in
		return nil
	})
}

// WithOutput prints to w instead of standard error. Nothing secret is printed.
func WithOutput(w io.Writer) LoginOption {
	return loginOption(func(l *login) error {
		if w == nil {
			return errors.New("oauth: WithOutput(nil): use io.Discard")
		}
		l.out = w
		return nil
	})
}

// WithTimeout sets how long [Login] waits for the person: 5 minutes where it is not set.
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
	family  *Family // nil where the URLs tell
	open    func(context.Context, string) error
	out     io.Writer
	paste   io.Reader // nil to listen
	timeout time.Duration
	pkce    bool
}

// Login asks the person at the terminal for consent and stores the grant: it listens at cfg.RedirectURL, opens the
// consent page in the browser and prints its address, exchanges the code and saves the token, which it returns too.
//
// RedirectURL must be http, on localhost and with a port, such as "http://localhost:8910/callback", and registered for
// the application exactly so. Nothing but its path is answered, and everything is shut down on return. Where no browser
// can reach this machine, use [WithPaste].
//
// What is wrong with the configuration is a *[ConfigError]. Then the consent page is asked once, without following
// redirects: where it refuses the request, the error is a *[ConsentPageError] and no browser is opened. A page that
// cannot be reached from here does not end the login, because the person's browser may reach it.
//
// A callback with a wrong state is refused, and the login goes on waiting; a second callback is refused too. Denied
// consent ends it: [ErrConsentDenied], and so does a callback of another issuer: [ErrIssuer]. Where nobody comes within
// the timeout, it is [context.DeadlineExceeded]. A grant that was given and could not be stored is a *[SaveError],
// which holds it.
func Login(ctx context.Context, cfg *oauth2.Config, store Store, opts ...LoginOption) (*oauth2.Token, error) {
	l := &login{cfg: cfg, store: store, out: os.Stderr, timeout: 5 * time.Minute}
	for _, o := range opts {
		if o == nil {
			return nil, errNilOption
		}
		if err := o.applyLogin(l); err != nil {
			return nil, err
		}
	}
	f, err := checkConsent(ctx, cfg, l.family)
	if err != nil {
		return nil, err
	}
	if store == nil {
		return nil, errors.New("oauth: the store is nil")
	}
	return l.run(ctx, f)
}

func (l *login) run(ctx context.Context, f Family) (*oauth2.Token, error) {
	address, a := begin(f, l.cfg, l.pkce)
	finish := func(got granted) (*oauth2.Token, error) { return l.finish(ctx, a, got) }
	waiting, cancel := context.WithTimeoutCause(ctx, l.timeout,
		fmt.Errorf("oauth: nobody came back from the consent page within %s: %w", l.timeout, context.DeadlineExceeded))
	defer cancel()

	if l.paste != nil {
		if err := l.show(waiting, address); err != nil {
			return nil, err
		}
		got, err := readPaste(waiting, l.paste, l.out, a, l.cfg.RedirectURL)
		if err != nil {
			return nil, err
		}
		return finish(got)
	}
	r, err := listen(ctx, l.cfg.RedirectURL, a, finish)
	if err != nil {
		return nil, err
	}
	defer r.shutdown(ctx)
	if err := l.show(waiting, address); err != nil {
		return nil, err
	}
	return r.wait(waiting)
}

// show leads the person to the consent page, where the page does not refuse to be asked.
func (l *login) show(ctx context.Context, address string) error {
	if err := probe(ctx, address); err != nil {
		if _, refused := errors.AsType[*ConsentPageError](err); refused {
			return err
		}
		_, _ = fmt.Fprintf(l.out, "A try of the page from here failed (%v). If it stays blank, check the RedirectURL.\n", err)
	}
	_, _ = fmt.Fprintf(l.out, "Open this page to give access to your Oura data:\n\n%s\n\n", address)
	open := l.open
	switch {
	case open == nil && l.paste != nil:
		return nil
	case open == nil:
		open = openBrowser
	}
	if err := open(ctx, address); err != nil {
		_, _ = fmt.Fprintln(l.out, "The browser could not be opened; please open the page yourself.")
	}
	return nil
}

func (l *login) finish(ctx context.Context, a attempt, got granted) (*oauth2.Token, error) {
	token, err := a.exchange(ctx, l.cfg, got)
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
