package oauth_test

import (
	"context"
	"log"
	"os"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

// A refresh token from elsewhere goes into the store once. From then on the store has the living one.
func Example_beginWithRefreshToken() {
	ctx := context.Background()
	store := oauth.NewFileStore("token.json")
	if err := store.Save(ctx, &oauth2.Token{RefreshToken: os.Getenv("REFRESH_TOKEN")}); err != nil {
		log.Fatal(err)
	}
}
