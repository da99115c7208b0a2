package oauth

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/internal/header"
)

// maxExtra is the size of a response up to which every key of it is kept in the token's Extra.
const maxExtra = 16 << 10

// answer is what a token response says. Only the access token may be empty, and then the refresh token is not.
type answer struct {
	oauth2.Token // without its expiry

	extra   map[string]any // every key, as the service wrote it, or the known ones of a large response
	refused *TokenError    // set where the access token is not usable
}

// readAnswer reads a response for what it is, whatever its Content-Type says: a rotated refresh token that is not read
// is a grant lost. Keys count by exact case. Of a body that was cut, what came whole is used if it has both tokens.
func readAnswer(r *reply) (*answer, error) {
	fields, whole := objectFields(r.body)
	if form := formFields(r.body); form != nil && !r.cut {
		fields, whole = form, true
	}
	text := func(key string) string {
		s, _ := fields[key].(string)
		return s
	}
	if !r.ok() {
		description := text("error_description")
		if r.status >= 300 && r.status < 400 {
			description = "redirects are not followed, they would carry secrets elsewhere: check the endpoint's URL"
		}
		return nil, r.refused(text("error"), description)
	}
	a := &answer{extra: bounded(fields, len(r.body))}
	a.AccessToken = strings.Trim(text("access_token"), "\r\n\t ")
	a.RefreshToken = strings.Trim(text("refresh_token"), "\r\n\t")
	a.ExpiresIn = lifetime(fields["expires_in"])
	a.TokenType = "Bearer"
	// A type that is not a word would become part of a header, like the token.
	if t := text("token_type"); header.IsWord(t) && len(t) < maxToken {
		a.TokenType = t
	}
	usable := header.IsWord(a.AccessToken) && len(a.AccessToken) <= maxToken
	switch {
	case len(a.RefreshToken) > maxToken:
		return nil, r.refused("", "the answer's refresh_token is larger than 32 KiB")
	case !whole && (!usable || a.RefreshToken == ""):
		problem := "the answer is not a JSON object"
		if r.cut {
			problem = "the answer broke off or is larger than 256 KiB"
		}
		return nil, r.refused("", problem)
	case usable:
		return a, nil
	case text("error") != "":
		return nil, r.refused(text("error"), text("error_description"))
	case a.RefreshToken != "":
		a.AccessToken = ""
		a.refused = r.refused("", "the answer's access_token is not usable; its new refresh token was kept")
		return a, nil
	}
	return nil, r.refused("", "the answer has no usable access_token")
}

// bounded is what is kept of the fields of a response of that size.
func bounded(fields map[string]any, size int) map[string]any {
	kept := maps.Clone(fields)
	if size > maxExtra {
		maps.DeleteFunc(kept, func(key string, _ any) bool { return key != keyScope && key != "expires_in" })
	}
	if len(joinScope(kept[keyScope])) > maxToken {
		delete(kept, keyScope)
	}
	return kept
}

// reply is a response whose body was read as far as it is wanted.
type reply struct {
	status   int
	header   http.Header
	body     []byte
	cut      bool // body is not whole
	scrubber scrubber
}

func (r *reply) ok() bool { return r.status >= 200 && r.status < 300 }

// refused makes the error of a response that grants nothing. Of a refresh token that was used already the service says
// so in words, wherever and under whatever code.
func (r *reply) refused(code, description string) *TokenError {
	if !standardCodes[code] {
		code = r.scrubber.clean(code)
	}
	after, _ := header.RetryAfter(r.header.Get("Retry-After"), time.Now())
	e := &TokenError{StatusCode: r.status, Code: code, Description: r.scrubber.clean(description), RetryAfter: after}
	text := strings.ReplaceAll(strings.ToLower(string(r.body)), "_", " ")
	e.tokenUsed = strings.Contains(text, "refresh token") && (strings.Contains(text, "already used") ||
		strings.Contains(text, "used already") || strings.Contains(text, "already been used"))
	if e.tokenUsed && e.Description == "" {
		e.Description = "the refresh token was used already"
	}
	return e
}

// standardCodes are the errors of RFC 6749 and RFC 7009, which tell nothing whatever the secrets are.
var standardCodes = map[string]bool{
	"invalid_request": true, "invalid_client": true, "invalid_grant": true, "unauthorized_client": true,
	"unsupported_grant_type": true, "invalid_scope": true, "unsupported_token_type": true,
}

// objectFields reads a JSON object key by key, so that what stands before a cut or a blemish is not lost. It reports
// whether the object is whole.
func objectFields(body []byte) (map[string]any, bool) {
	fields := map[string]any{}
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return fields, false
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return fields, false
		}
		var value any
		if err := d.Decode(&value); err != nil {
			if _, ok := errors.AsType[*json.UnmarshalTypeError](err); !ok {
				return fields, false
			}
			value = nil // a number beyond float64, whose place is known
		}
		if name, ok := key.(string); ok {
			fields[name] = value
		}
	}
	_, err := d.Token()
	return fields, err == nil
}

// formFields reads what some servers answer in the place of JSON: a form, as drafts of OAuth had it. It is nil where
// body is none, such as a page with a form in it.
func formFields(body []byte) map[string]any {
	body = bytes.TrimSpace(body)
	if bytes.ContainsAny(body, "{}[]<>\"' \t\r\n") {
		return nil
	}
	values, err := url.ParseQuery(string(body))
	if err != nil || !values.Has("access_token") && !values.Has("error") {
		return nil
	}
	fields := make(map[string]any, len(values))
	for key := range values {
		fields[key] = values.Get(key)
	}
	return fields
}

// token makes the token of a response. What that does not say is taken over from the token that it replaces, which may
// be nil.
func (a *answer) token(tokenURL string, replaced *oauth2.Token) *oauth2.Token {
	t := a.Token
	if t.ExpiresIn > 0 {
		t.Expiry = wallTime().Add(time.Duration(t.ExpiresIn) * time.Second)
	}
	extra := maps.Clone(a.extra)
	delete(extra, "access_token") // these two are in the token's own fields
	delete(extra, "refresh_token")
	extra[keyTokenURL] = tokenURL
	if replaced != nil {
		t.RefreshToken = cmp.Or(t.RefreshToken, replaced.RefreshToken)
		if joinScope(extra[keyScope]) == "" {
			extra[keyScope] = scopeOf(replaced)
		}
		if kept := unknownOf(replaced); kept != nil {
			extra[keyUnknown] = kept
			for key, value := range kept.decoded() {
				if _, ok := extra[key]; !ok {
					extra[key] = value
				}
			}
		}
	}
	return t.WithExtra(extra)
}
