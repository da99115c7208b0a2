package oauth

import (
	"fmt"
	"net/http"
)

// hint is one sentence on what to check where a code (exchange) or a refresh token was refused, "" where the refusal
// does not tell it. The statuses and codes are those that the service answers to an application of the other family, and
// to a wrong id or secret.
func hint(refused *TokenError, other string, exchange bool) string {
	check, cure := "ClientID and ClientSecret", "take the stored grants along with the option oauth.WithMovedFrom"
	if exchange {
		cure = "begin the consent again, because this code is lost"
	}
	switch {
	case !refused.misconfigured() || refused.StatusCode < http.StatusBadRequest:
		return ""
	case refused.Code == "invalid_grant" && exchange:
		return "a code is good once, for 10 minutes and with the RedirectURL of its consent: begin the consent again"
	case refused.Code == "invalid_grant", refused.dead(): // of a refresh: the grant is at fault
		return ""
	case refused.Code == "invalid_request" && exchange:
		check = "ClientID, ClientSecret and RedirectURL"
	case refused.Code == "invalid_request", refused.Code == "unauthorized_client":
	case refused.Code == "invalid_client" && refused.StatusCode == http.StatusBadRequest && other == moi:
		other = "" // Cloud's word for a wrong id; an application of Moi gets a 401 there
	case refused.Code == "invalid_client", refused.StatusCode == http.StatusUnauthorized:
	default:
		return ""
	}
	switch {
	case other != "":
		return fmt.Sprintf("if %s are right, the application is one of %s: use that, and %s", check, other, cure)
	case exchange:
		return fmt.Sprintf("check %s, and %s", check, cure)
	}
	return "check " + check
}

const moi, cloud = "oauth.Moi", "oauth.Cloud"

// otherFamily names the family that a token endpoint is not of, "" where it is of neither.
func otherFamily(tokenURL string) string {
	f, ok := familyBy(tokenURL, familyTokenURL)
	switch {
	case !ok:
		return ""
	case f.ScopePrefix == Moi.ScopePrefix:
		return cloud
	}
	return moi
}
