package refusal

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/oura-go/sdk/internal/text"
)

const (
	// maxScanned bounds the foreign text that is looked through, in bytes.
	maxScanned = 4 << 10
	// shortestSecret is the shortest that is looked for: a shorter one is a test's, and part of too many words.
	shortestSecret = 6
)

// Redact makes a text that somebody else wrote fit for one line of an error: at most n bytes that can be printed, and
// none of the secrets, plain, quoted or percent-encoded, in either case.
func Redact(s string, n int, secrets ...string) string {
	if len(s) > maxScanned { // up to the last whole word: one that is cut may be the beginning of a secret
		s = s[:strings.LastIndexAny(s[:maxScanned], " \t\n")+1] + "…"
	}
	if mayHold(s, secrets) {
		secret := regexp.MustCompile("(?i)" + anyOf(secrets)) // %2f is %2F
		secret.Longest()                                      // where one begins like another
		s = secret.ReplaceAllLiteralString(s, "[redacted]")
	}
	return text.Clip(s, n)
}

// mayHold is quick, as every trace id comes here: it looks for plain secrets, and for what no other form is without.
func mayHold(s string, secrets []string) bool {
	escaped := strings.ContainsAny(s, `%\+`)
	for _, secret := range secrets {
		if len(secret) >= shortestSecret && (escaped || containsFold(s, secret)) {
			return true
		}
	}
	return false
}

func containsFold(s, part string) bool {
	for i := range len(s) - len(part) + 1 {
		if strings.EqualFold(s[i:i+len(part)], part) {
			return true
		}
	}
	return false
}

func anyOf(secrets []string) string {
	var patterns []string
	for _, secret := range secrets {
		if len(secret) < shortestSecret {
			continue
		}
		escaped, _ := json.Marshal(secret)
		for _, form := range []string{
			secret, url.QueryEscape(secret), url.PathEscape(secret), unquote(string(escaped)), unquote(strconv.Quote(secret)),
		} {
			patterns = append(patterns, regexp.QuoteMeta(form))
		}
	}
	return strings.Join(patterns, "|")
}

func unquote(s string) string { return s[1 : len(s)-1] }
