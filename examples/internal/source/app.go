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

// Config is that application, with the endpoints that it was registered for:
//
//	OURA_CLIENT_ID, OURA_CLIENT_SECRET   from the developer portal
//	OURA_REDIRECT_URL                    as registered there; http://localhost:8910/callback if not set
//	OURA_FAMILY                          moi for an application of the newer portal; cloud if not set
//	OURA_AUTHORIZE_URL, OURA_TOKEN_URL,
//	OURA_REVOKE_URL                      other endpoints than a family's, such as those that fakeoura prints
func Config() (*oauth2.Config, oauth.Family, error) {
	family, err := familyOf()
	if err != nil {
		return nil, family, err
	}
	cfg := &oauth2.Config{
		ClientID:     os.Getenv("OURA_CLIENT_ID"),
		ClientSecret: os.Getenv("OURA_CLIENT_SECRET"),
		RedirectURL:  RedirectURL(),
		Endpoint:     family.Endpoint,
		Scopes:       oauth.AllScopes(),
	}
	for name, value := range map[string]string{"OURA_CLIENT_ID": cfg.ClientID, "OURA_CLIENT_SECRET": cfg.ClientSecret} {
		if value == "" {
			return nil, family, fmt.Errorf("%s is not set; an application needs both OURA_CLIENT_ID and OURA_CLIENT_SECRET", name)
		}
	}
	return cfg, family, nil
}

// RedirectURL is where the browser comes back to: OURA_REDIRECT_URL, or http://localhost:8910/callback.
func RedirectURL() string {
	return cmp.Or(os.Getenv("OURA_REDIRECT_URL"), "http://localhost:8910/callback")
}

// familyOf are the endpoints. Those of two services must not be mixed: one of them would get the other's secrets.
func familyOf() (oauth.Family, error) {
	own := oauth.Family{
		Endpoint:  oauth2.Endpoint{AuthURL: os.Getenv("OURA_AUTHORIZE_URL"), TokenURL: os.Getenv("OURA_TOKEN_URL")},
		RevokeURL: os.Getenv("OURA_REVOKE_URL"),
	}
	name := os.Getenv("OURA_FAMILY")
	switch {
	case own.AuthURL != "" && own.TokenURL != "" && own.RevokeURL != "" && name == "":
		return own, nil
	case own != oauth.Family{}:
		return own, errors.New("OURA_AUTHORIZE_URL, OURA_TOKEN_URL and OURA_REVOKE_URL need each other, and no OURA_FAMILY")
	case name == "", name == "cloud":
		return oauth.Cloud, nil
	case name == "moi":
		return oauth.Moi, nil
	default:
		return own, fmt.Errorf("OURA_FAMILY is %q, and not cloud or moi", name)
	}
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
