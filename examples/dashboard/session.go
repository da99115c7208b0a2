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

// file is where something of a session is kept. Its name is a hash, so that whoever sees the folder cannot take a session
// over.
func (a *app) file(session, kind string) string {
	sum := sha256.Sum256([]byte(session))
	return filepath.Join(a.folder, hex.EncodeToString(sum[:])+kind)
}

// store keeps the grant of a session.
func (a *app) store(session string) *oauth.FileStore {
	return oauth.NewFileStore(a.file(session, ".json"))
}

// session is the browser's; "" if it has none.
func session(r *http.Request) string {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// person is the one at the browser. The token source of their client renews the grant and keeps it.
func (a *app) person(r *http.Request) (*person, error) {
	id := session(r)
	if a.fixed != nil {
		id = "" // everybody sees the same
	} else if id == "" {
		return nil, errNotConnected
	} else if _, err := a.store(id).Load(r.Context()); errors.Is(err, oauth.ErrNoToken) {
		return nil, errNotConnected
	} else if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if p := a.people[id]; p != nil {
		return p, nil
	}
	client := a.fixed
	if client == nil {
		tokens, err := oauth.NewTokenSource(a.oauthContext(a.ctx), a.callback.Config, a.store(id))
		if err != nil {
			return nil, err
		}
		if client, err = a.base.With(oura.WithTokenSource(tokens)); err != nil {
			return nil, err
		}
	}
	p, err := openPerson(r.Context(), a.file(id, ".db"), client)
	if err == nil {
		a.people[id] = p
	}
	return p, err
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

// askToDisconnect says what Disconnect does before it is done.
func (a *app) askToDisconnect(w http.ResponseWriter, r *http.Request) {
	if session(r) == "" {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	a.render(w, http.StatusOK, page{Title: "Disconnect your ring?", Name: "disconnect", Connected: true})
}

// disconnect ends the grant at the service, and removes it and the copy here.
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
	http.Redirect(w, r, "/disconnected", http.StatusSeeOther)
}

// disconnected confirms it.
func (a *app) disconnected(w http.ResponseWriter, r *http.Request) {
	a.say(w, r, trouble{
		status: http.StatusOK, Title: "Your ring is disconnected",
		Text: "The access at Oura has ended, and the copy of your data here is deleted.", Action: "Connect again", URL: "/connect",
	})
}

// forget drops what is here of the browser's session.
func (a *app) forget(r *http.Request) error {
	id := session(r)
	if id == "" {
		return nil
	}
	a.mu.Lock()
	p := a.people[id]
	delete(a.people, id)
	a.mu.Unlock()
	if p == nil { // not since this program runs
		var err error
		if p, err = openPerson(r.Context(), a.file(id, ".db"), nil); err != nil {
			return err
		}
	}
	return errors.Join(p.forget(r.Context()), a.store(id).Delete(r.Context()))
}

func (a *app) setCookie(w http.ResponseWriter, id string, age int) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // G124: Secure it is wherever there is https
		Name: cookieName, Value: id, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: strings.HasPrefix(a.callback.Config.RedirectURL, "https://"), // plain http is for one's own machine
	})
}
