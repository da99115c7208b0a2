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
	errNoToken   = errors.New("webhook: handshake refused: VerificationToken is empty")
	errToken     = errors.New("webhook: handshake refused: verification_token is missing, doubled or wrong; is it the one that the subscription was made with?")
	errQuery     = errors.New("webhook: handshake refused: the query cannot be read")
	errChallenge = errors.New("webhook: handshake refused: challenge is missing, doubled, too long or not UTF-8")
)

// handshake returns the challenge to whoever knows the verification token. It
// looks at the challenge only then, so that strangers have nothing reflected.
func (h *Handler) handshake(w http.ResponseWriter, r *http.Request) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	token, challenge := query["verification_token"], query["challenge"]
	switch {
	case h.VerificationToken == "":
		h.refuse(w, r, http.StatusForbidden, errNoToken)
	case err != nil: // its text quotes the query
		h.refuse(w, r, http.StatusBadRequest, errQuery)
	case len(token) != 1 || !equal(token[0], h.VerificationToken):
		h.refuse(w, r, http.StatusForbidden, errToken)
	case len(challenge) != 1 || challenge[0] == "" || len(challenge[0]) > maxChallenge || !utf8.ValidString(challenge[0]):
		h.refuse(w, r, http.StatusBadRequest, errChallenge)
	default:
		answerChallenge(w, challenge[0])
	}
}

func answerChallenge(w http.ResponseWriter, challenge string) {
	// A struct of one valid string always encodes.
	body, _ := json.Marshal(struct {
		Challenge string `json:"challenge"`
	}{challenge})
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	_, _ = w.Write(body) // who has hung up needs no answer
}

// equal compares hashes, because ConstantTimeCompare alone gives the length away.
func equal(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}
