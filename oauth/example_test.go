package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

// What every example's application is: one of today's portal. The redirect URL is the registered one, character by
// character.
var app = oauth.Moi.Config(os.Getenv("OURA_CLIENT_ID"), os.Getenv("OURA_CLIENT_SECRET"), "http://localhost:8910/callback", oauth.AllScopes()...)

// A client that renews its tokens and keeps them in a file.
func Example() {
	ctx := context.Background()
	ts, err := oauth.NewTokenSource(ctx, app, oauth.NewFileStore("token.json"))
	if err != nil {
		log.Fatal(err)
	}
	// client, err := oura.NewClient(oura.WithTokenSource(ts))
	token, err := ts.TokenContext(ctx)
	switch {
	case errors.Is(err, oauth.ErrNoToken), errors.Is(err, oauth.ErrReauthorize):
		log.Fatal("please log in: ", err)
	case err != nil:
		log.Fatal(err)
	}
	fmt.Println("good until", token.Expiry)
}

// On a server or in a container the person opens the page elsewhere, and pastes back the address that failed to load.
func ExampleWithPaste() {
	_, err := oauth.Login(context.Background(), app, oauth.NewFileStore("token.json"), oauth.WithPaste(os.Stdin))
	if err != nil {
		log.Fatal(err) // says what to check
	}
}

// A command-line program that asks for consent when it has to.
func ExampleLogin() {
	ctx := context.Background()
	store := oauth.NewFileStore("token.json")
	ts, err := oauth.NewTokenSource(ctx, app, store)
	if err != nil {
		log.Fatal(err)
	}
	token, err := ts.TokenContext(ctx)
	if errors.Is(err, oauth.ErrNoToken) || errors.Is(err, oauth.ErrReauthorize) {
		token, err = oauth.Login(ctx, app, store)
	}
	if err != nil {
		log.Fatal(err)
	}
	if missing := oauth.MissingScopes(token, app.Scopes...); len(missing) > 0 {
		fmt.Println("You did not give access to:", missing)
	}
	// client, err := oura.NewClient(oura.WithTokenSource(ts))
}

// A web application: "connect your ring".
func ExampleCallback() {
	callback := &oauth.Callback{
		Config: app,
		Success: func(w http.ResponseWriter, r *http.Request, token *oauth2.Token) {
			person := "the one who is logged in to your application"
			if err := grants.For(person).Save(r.Context(), token); err != nil {
				http.Error(w, "Please try again.", http.StatusInternalServerError)
				return
			}
			http.Redirect(w, r, "/connected", http.StatusSeeOther)
		},
		Failure: func(w http.ResponseWriter, r *http.Request, err error) {
			if errors.Is(err, oauth.ErrConsentDenied) {
				http.Redirect(w, r, "/not-connected", http.StatusSeeOther)
				return
			}
			log.Print(err) // holds no code, token or secret
			http.Error(w, "Please begin again.", http.StatusBadRequest)
		},
	}
	http.HandleFunc("GET /connect", callback.Begin)
	http.Handle("GET /callback", callback)
}

// People's grants in a place of one's own: sealed with the person's id, so that
// one person's row cannot stand in another's place.
type grantTable struct {
	sealer *oauth.Sealer
	rows   map[string][]byte // a database, in earnest
}

var grants = &grantTable{rows: map[string][]byte{}}

func (g *grantTable) For(person string) oauth.Store { return &grantRow{g, person} }

type grantRow struct {
	table  *grantTable
	person string
}

func (r *grantRow) Load(context.Context) (*oauth2.Token, error) {
	row, ok := r.table.rows[r.person]
	if !ok {
		return nil, oauth.ErrNoToken
	}
	plain, err := r.table.sealer.Open(row, []byte(r.person))
	if err != nil {
		return nil, err
	}
	return oauth.DecodeToken(plain)
}

func (r *grantRow) Save(_ context.Context, token *oauth2.Token) error {
	plain, err := oauth.EncodeToken(token) // not json.Marshal, which loses scope and token URL
	if err != nil {
		return err
	}
	row, err := r.table.sealer.Seal(plain, []byte(r.person))
	if err != nil {
		return err
	}
	r.table.rows[r.person] = row
	return nil
}

// Delete makes it an [oauth.Deleter], which Disconnect needs.
func (r *grantRow) Delete(context.Context) error {
	delete(r.table.rows, r.person)
	return nil
}

// A store of the user's own. One that several processes share has a Lock too.
func ExampleStore() {
	ctx := context.Background()
	sealer, err := oauth.NewSealer([]byte("32 random bytes of a secret vault"[:32]))
	if err != nil {
		log.Fatal(err)
	}
	table := &grantTable{sealer: sealer, rows: map[string][]byte{}}
	if err := table.For("alice").Save(ctx, &oauth2.Token{AccessToken: "a", RefreshToken: "r"}); err != nil {
		log.Fatal(err)
	}
	token, err := table.For("alice").Load(ctx)
	fmt.Println(token.RefreshToken, err)

	table.rows["bob"] = table.rows["alice"]
	_, err = table.For("bob").Load(ctx)
	fmt.Println(errors.Is(err, oauth.ErrSealed))
	// Output:
	// r <nil>
	// true
}

// To change the key of a sealed file, put the new key before the old one: it is
// written with the new one from the next save on.
func ExampleWithSealing() {
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	path := folder + "/token.json"
	oldKey, newKey := []byte("the old key, which has 32 bytes.."[:32]), []byte("the new key, which has 32 bytes.."[:32])

	before := oauth.NewFileStore(path, oauth.WithSealing(oldKey))
	if err := before.Save(ctx, &oauth2.Token{AccessToken: "a", RefreshToken: "r"}); err != nil {
		log.Fatal(err)
	}
	during := oauth.NewFileStore(path, oauth.WithSealing(newKey, oldKey))
	token, err := during.Load(ctx)
	if err != nil {
		log.Fatal(err)
	}
	if err := during.Save(ctx, token); err != nil { // or wait for the next refresh
		log.Fatal(err)
	}
	after := oauth.NewFileStore(path, oauth.WithSealing(newKey))
	token, err = after.Load(ctx)
	fmt.Println(token.RefreshToken, err)
	// Output: r <nil>
}

// A person asks for their data to be deleted.
func ExampleDisconnect() {
	store := oauth.NewFileStore("token.json")
	err := oauth.Disconnect(context.Background(), app, store)
	if err != nil {
		log.Print(err) // nothing was deleted: call again
	}
}

// The consent asked for more than the person gave.
func ExampleMissingScopes() {
	token := (&oauth2.Token{}).WithExtra(map[string]any{"scope": "extapi:daily extapi:spo2Daily"})
	fmt.Println(oauth.GrantedScopes(token))
	fmt.Println(oauth.MissingScopes(token, oauth.ScopeFor("daily_sleep"), oauth.ScopeFor("heartrate")))
	// Output:
	// [daily spo2]
	// [heartrate]
}
