package oauth

import (
	"golang.org/x/oauth2"
)

// MovedFrom takes grants along that were refreshed at other token URLs until now, which are [ErrWrongGrant] otherwise.
// It is for the case "my application's tokens were refreshed at Cloud until now":
//
//	ts, err := oauth.NewTokenSource(ctx, cfg, store, oauth.MovedFrom(oauth.Cloud.TokenURL)) // cfg is of oauth.Moi
//
// A refresh token is sent to one URL only, ever, as long as nobody says otherwise; this option says so. Before a grant
// of one of these URLs is refreshed for the first time it is stored under the configuration's, and only then is its
// refresh token sent, there alone. Processes that still have the old configuration get [ErrWrongGrant] from that moment
// on, so that no token is sent twice while old and new ones run side by side. A token that needs no refresh is used as
// it is.
//
// For all grants of a database at once, package sqlstore has a call.
func MovedFrom(tokenURL ...string) Option {
	return option(func(s *source) error {
		for _, u := range tokenURL {
			if err := checkURL("MovedFrom", u); err != nil {
				return err
			}
			s.movedFrom = append(s.movedFrom, u)
		}
		return nil
	})
}

// movedTo is a stored grant under another token URL.
func movedTo(t *oauth2.Token, tokenURL string) *oauth2.Token {
	extra := map[string]any{keyTokenURL: tokenURL, keyScope: scopeOf(t)}
	if kept := unknownOf(t); kept != nil {
		extra[keyUnknown] = kept
	}
	return t.WithExtra(extra)
}
