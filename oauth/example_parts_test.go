package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

// The consent by hand, where neither Login nor Callback fits: a page of your own sends the person off, and another takes
// them back.
func ExampleAuthCodeURL() {
	if err := oauth.CheckConsent(app); err != nil {
		log.Fatal(err) // names the field of the configuration
	}
	verifier := oauth2.GenerateVerifier()
	address, state := oauth.AuthCodeURL(app, oauth2.S256ChallengeOption(verifier))
	// Keep state and verifier in the person's session, and redirect to the address. Later, at the redirect URL:
	back := func(ctx context.Context, r *http.Request) (*oauth2.Token, error) {
		family, err := oauth.FamilyOf(app)
		if err != nil {
			return nil, err
		}
		if err := family.CheckIssuer(r.URL.Query().Get("iss")); err != nil {
			return nil, err
		}
		code, err := oauth.CallbackCode(r, state)
		if err != nil {
			return nil, err
		}
		return oauth.Exchange(ctx, app, code, oauth2.VerifierOption(verifier))
	}
	_, _ = address, back
}

// The state is compared by whoever reads the callback without an http.Request.
func ExampleCheckState() {
	fmt.Println(oauth.CheckState("sent", "sent"))
	fmt.Println(errors.Is(oauth.CheckState("sent", "another"), oauth.ErrState), errors.Is(oauth.CheckState("", ""), oauth.ErrState))
	// Output:
	// <nil>
	// true true
}

// What a table of grants keeps: EncodeToken's text, under a key of the application's, bound to the person.
func ExampleSealer() {
	sealer, err := oauth.NewSealer([]byte("32 random bytes of a secret vault"[:32]))
	if err != nil {
		log.Fatal(err)
	}
	plain, err := oauth.EncodeToken(&oauth2.Token{AccessToken: "a", RefreshToken: "r"}) // json.Marshal loses scope and URL
	if err != nil {
		log.Fatal(err)
	}
	kept, err := sealer.Seal(plain, []byte("alice"))
	if err != nil {
		log.Fatal(err)
	}
	plain, err = sealer.Open(kept, []byte("alice"))
	if err != nil {
		log.Fatal(err)
	}
	token, err := oauth.DecodeToken(plain)
	fmt.Println(token.RefreshToken, err)

	_, err = sealer.Open(kept, []byte("bob"))
	fmt.Println(errors.Is(err, oauth.ErrSealed))
	// Output:
	// r <nil>
	// true
}

// A store for tests and for grants that need not outlive the program.
func ExampleMemoryStore() {
	ctx := context.Background()
	store := oauth.NewMemoryStore()
	if err := store.Save(ctx, &oauth2.Token{AccessToken: "a", RefreshToken: "r"}); err != nil {
		log.Fatal(err)
	}
	token, err := store.Load(ctx)
	fmt.Println(token.AccessToken, err)
	fmt.Println(store.Delete(ctx))
	_, err = store.Load(ctx)
	fmt.Println(errors.Is(err, oauth.ErrNoToken))
	// Output:
	// a <nil>
	// <nil>
	// true
}

// Change a stored grant while no process refreshes it. A TokenSource takes the same lock by itself.
func ExampleLocker() {
	ctx := context.Background()
	for _, store := range []oauth.Locker{oauth.NewFileStore("token.json"), oauth.NewMemoryStore()} {
		held, err := store.Lock(ctx) // waits for whoever has it
		if err != nil {
			log.Fatal(err)
		}
		token, err := held.Load(ctx)
		if err == nil {
			err = held.Save(ctx, token)
		}
		if err := errors.Join(err, held.Unlock()); err != nil {
			log.Print(err)
		}
	}
}

// The file of a grant, and of its lock. MemoryStore and the stores of sqlstore have the same methods.
func ExampleFileStore() {
	store := oauth.NewFileStore("token.json")
	held, err := store.Lock(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	if err := held.Unlock(); err != nil {
		log.Print(err)
	}
	other, err := oauth.NewMemoryStore().Lock(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	if err := other.Unlock(); err != nil {
		log.Print(err)
	}
	if err := store.Delete(context.Background()); err != nil { // the service still honours the grant: see Disconnect
		log.Print(err)
	}
}

// End a grant at the service that is in no store of this module.
func ExampleRevoke() {
	var token *oauth2.Token // from a table of your own
	if err := oauth.Revoke(context.Background(), app, token); err != nil {
		log.Print(err) // the grant may live: call again
	}
}

// Clients ask for the token by themselves. A program of another kind asks the source, and says when the service refused
// what it got.
func ExampleTokenSource_Refresh() {
	ctx := context.Background()
	source, err := oauth.NewTokenSource(ctx, app, oauth.NewFileStore("token.json"), oauth.WithEarlyRefresh(time.Hour))
	if err != nil {
		log.Fatal(err)
	}
	token, err := source.TokenContext(ctx)
	if err != nil {
		log.Fatal(err)
	}
	// … a request is answered with 401 …
	token, err = source.Refresh(ctx, token) // another token: the store's, or else a new one
	switch {
	case errors.Is(err, oauth.ErrReauthorize):
		log.Fatal("the person has to consent again")
	case err != nil:
		log.Fatal(err)
	}
	fmt.Println("good until", token.Expiry)
}

// What Login can be told: another browser, or none; where it prints; how long it waits; and endpoints with paths of one's
// own, as behind a gateway, whose family the URLs do not tell.
func ExampleLoginOption() {
	ctx, store := context.Background(), oauth.NewFileStore("token.json")
	token, err := oauth.Login(ctx, app, store, oauth.WithPKCE(), oauth.WithOutput(os.Stdout), oauth.WithTimeout(time.Minute),
		oauth.WithBrowser(func(_ context.Context, address string) error {
			fmt.Println("open", address)
			return nil
		}))
	if err != nil {
		token, err = oauth.Login(ctx, app, store, oauth.WithoutBrowser(), oauth.WithFamily(oauth.Moi))
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(oauth.GrantedScopes(token))
}
