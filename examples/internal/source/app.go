package source

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

// HasApp reports whether the environment names an application of yours.
func HasApp() bool { return os.Getenv("OURA_CLIENT_ID") != "" }

// Config is that application, and the endpoints where it signs in:
//
//	OURA_CLIENT_ID, OURA_CLIENT_SECRET   from the developer portal
//	OURA_REDIRECT_URL                    as registered there; http://localhost:8910/callback if not set
//	OURA_BASE_URL                        consent and tokens are there too, as at fakeoura
//	OURA_FAMILY                          cloud for an application of the old portal that signs in at the old endpoints
func Config() (*oauth2.Config, oauth.Family, error) {
	id, secret := os.Getenv("OURA_CLIENT_ID"), os.Getenv("OURA_CLIENT_SECRET")
	family, name := oauth.Moi, os.Getenv("OURA_FAMILY")
	switch {
	case id == "" || secret == "":
		return nil, family, errors.New("an application needs both OURA_CLIENT_ID and OURA_CLIENT_SECRET")
	case name == "cloud":
		family = oauth.Cloud
	case name != "" && name != "moi":
		return nil, family, fmt.Errorf("OURA_FAMILY is %q, and not moi, the default, or cloud", name)
	}
	if origin := os.Getenv("OURA_BASE_URL"); origin != "" {
		family = family.At(origin)
	}
	return family.Config(id, secret, RedirectURL(), oauth.AllScopes()...), family, nil
}

// RedirectURL is where the browser comes back to: OURA_REDIRECT_URL, or http://localhost:8910/callback.
func RedirectURL() string {
	return cmp.Or(os.Getenv("OURA_REDIRECT_URL"), "http://localhost:8910/callback")
}

// TokenFile is where the login example keeps the grant and the others find it: OURA_TOKEN_FILE, or oura-go/token.json
// in the person's configuration folder.
func TokenFile() (string, error) {
	if file := os.Getenv("OURA_TOKEN_FILE"); file != "" {
		return file, nil
	}
	folder, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("there is no place for the token, set OURA_TOKEN_FILE: %w", err)
	}
	return filepath.Join(folder, "oura-go", "token.json"), nil
}
