package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"path/filepath"
	"strings"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura"
)

// cookieName is of the cookie that says which grant is the browser's.
const cookieName = "dashboard"

// errNotConnected means that the browser has no grant.
var errNotConnected = errors.New("not connected")

// store is where the grant of a session is kept. The name of the file is a hash, so that whoever sees the folder cannot
// take a session over.
func (a *app) store(session string) *oauth.FileStore {
	sum := sha256.Sum256([]byte(session))
	return oauth.NewFileStore(filepath.Join(a.tokens, hex.EncodeToString(sum[:])+".json"))
}

// session is the browser's; "" if it has none.
func session(r *http.Request) string {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// client reads the data of the person at the browser. Its token source renews the grant and keeps it.
func (a *app) client(r *http.Request) (*oura.Client, error) {
	if a.fixed != nil {
		return a.fixed, nil
	}
	id := session(r)
	if id == "" {
		return nil, errNotConnected
	}
	store := a.store(id)
	if _, err := store.Load(r.Context()); errors.Is(err, oauth.ErrNoToken) {
		return nil, errNotConnected
	} else if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if c := a.clients[id]; c != nil {
		return c, nil
	}
	tokens, err := oauth.NewTokenSource(a.oauthContext(r.Context()), a.callback.Config, store)
	if err != nil {
		return nil, err
	}
	c, err := a.base.With(oura.WithTokenSource(tokens))
	if err == nil {
		a.clients[id] = c
	}
	return c, err
}

// oauthContext carries the HTTP client of the token endpoint.
func (a *app) oauthContext(ctx context.Context) context.Context {
	if a.http == nil {
		return ctx
	}
	return context.WithValue(ctx, oauth2.HTTPClient, a.http)
}

// connected keeps a new grant, under a new session, and forgets the browser's old one.
func (a *app) connected(w http.ResponseWriter, r *http.Request, token *oauth2.Token) {
	id := rand.Text()
	if err := a.store(id).Save(r.Context(), token); err != nil {
		a.trouble(w, r, err)
		return
	}
	if err := a.forget(r); err != nil {
		a.trouble(w, r, err)
		return
	}
	a.setCookie(w, id, 365*24*60*60)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// disconnect ends the grant, at the service and here.
func (a *app) disconnect(w http.ResponseWriter, r *http.Request) {
	if id := session(r); id != "" {
		err := oauth.Disconnect(a.oauthContext(r.Context()), a.callback.Config, a.store(id))
		if err != nil && !errors.Is(err, oauth.ErrReauthorize) { // a dead grant has ended already
			a.trouble(w, r, err)
			return
		}
		if err := a.forget(r); err != nil {
			a.trouble(w, r, err)
			return
		}
	}
	a.setCookie(w, "", -1)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// forget drops what is here of the browser's session.
func (a *app) forget(r *http.Request) error {
	id := session(r)
	if id == "" {
		return nil
	}
	a.mu.Lock()
	delete(a.clients, id)
	a.mu.Unlock()
	return a.store(id).Delete(r.Context())
}

func (a *app) setCookie(w http.ResponseWriter, id string, age int) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // G124: Secure it is wherever there is https
		Name: cookieName, Value: id, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: strings.HasPrefix(a.callback.Config.RedirectURL, "https://"), // plain http is for one's own machine
	})
}
