package oauth

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strings"

	"github.com/oura-go/sdk/internal/text"
)

const (
	redacted = "[redacted]"
	// maxText bounds foreign text in errors, in bytes.
	maxText = 300
	// maxScanned bounds the foreign text that is looked through, in bytes.
	maxScanned = 4 << 10
	// minLetters is the length below which a secret is hidden as a whole word only: one letter of every word would be
	// no use.
	minLetters = 4
)

// likeToken is a word that is taken for a token, though it is none that we know.
var likeToken = regexp.MustCompile(`[\w.~+=%-]{32,}`)

// scrubber makes foreign text fit for an error: no secret of ours, plain or escaped; nothing that looks like a token;
// one line; bounded.
type scrubber struct{ secrets []string }

func newScrubber(secrets ...string) scrubber {
	var s scrubber
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		quoted, _ := json.Marshal(secret)
		s.secrets = append(s.secrets, secret, url.QueryEscape(secret), url.PathEscape(secret), strings.Trim(string(quoted), `"`))
	}
	return s
}

func (s scrubber) clean(foreign string) string {
	if len(foreign) > maxScanned { // up to the last whole word: one that is cut may be the beginning of a secret
		foreign = foreign[:strings.LastIndexByte(foreign[:maxScanned], ' ')+1]
	}
	if len(s.secrets) > 0 && foreign != "" {
		patterns := make([]string, len(s.secrets))
		for i, secret := range s.secrets {
			patterns[i] = regexp.QuoteMeta(secret)
			if len(secret) < minLetters {
				patterns[i] = `\b` + patterns[i] + `\b`
			}
		}
		secret := regexp.MustCompile("(?i)" + strings.Join(patterns, "|")) // %2f is %2F
		secret.Longest()                                                   // where one begins like another
		foreign = secret.ReplaceAllLiteralString(foreign, redacted)
	}
	return text.Clip(likeToken.ReplaceAllLiteralString(foreign, redacted), maxText)
}

// guarded is an error whose text was scrubbed. Its cause stays matchable.
type guarded struct {
	text  string
	cause error
}

func (e *guarded) Error() string              { return e.text }
func (e *guarded) Unwrap() error              { return e.cause }
func (e *guarded) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.text) }
