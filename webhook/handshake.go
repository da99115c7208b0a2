package webhook

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"unicode/utf8"
)

// Longer than any challenge, too short to make anything of.
const maxChallenge = 1024

var (
	errNoSecret  = errors.New("webhook: handshake refused: ClientSecret is empty, so that no event could be verified")
	errNoToken   = errors.New("webhook: handshake refused: VerificationToken is empty")
	errToken     = errors.New("webhook: handshake refused: verification_token is missing, doubled or wrong; is it the one that the subscription was made with?")
	errQuery     = errors.New("webhook: handshake refused: the query cannot be read")
	errChallenge = errors.New("webhook: handshake refused: challenge is missing, doubled, too long or not UTF-8")
)

// handshake returns the challenge to whoever knows the verification token, or a status and why it is refused. It reads
// the challenge only after the token, so that nothing of a stranger is reflected.
func handshake(verificationToken, rawQuery string) (challenge string, status int, err error) {
	query, err := url.ParseQuery(rawQuery)
	token, challenges := query["verification_token"], query["challenge"]
	switch {
	case verificationToken == "":
		return "", http.StatusForbidden, errNoToken
	case err != nil: // its text quotes the query
		return "", http.StatusBadRequest, errQuery
	case len(token) != 1 || !equal(token[0], verificationToken):
		return "", http.StatusForbidden, errToken
	case len(challenges) != 1 || challenges[0] == "" || len(challenges[0]) > maxChallenge || !utf8.ValidString(challenges[0]):
		return "", http.StatusBadRequest, errChallenge
	default:
		return challenges[0], http.StatusOK, nil
	}
}

func respondChallenge(w http.ResponseWriter, challenge string) {
	body, _ := json.Marshal(map[string]string{"challenge": challenge}) // strings always encode
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	_, _ = w.Write(body) // a client that hung up needs no response
}

// equal compares hashes, because ConstantTimeCompare alone gives the length away.
func equal(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
