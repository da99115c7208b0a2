package oauth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"golang.org/x/oauth2"
)

const (
	keyTokenURL = "token_url"
	keyVersion  = "version"
	// keyUnknown is where a token's extras carry the stored keys that this package does not know. It is no key of the
	// stored form.
	keyUnknown = "github.com/oura-go/sdk/oauth unknown keys"

	storedVersion = 1
	// maxEncoded bounds a stored token, in bytes. Every store takes it, sealed too.
	maxEncoded = 1 << 20
	// maxRefreshed is the size up to which a stored token can be refreshed: a response adds an access token, a refresh
	// token and a scope, and a byte of them is written as six at most.
	maxRefreshed = maxEncoded - 3*6*maxToken
)

var errTooLarge = errors.New("oauth: the token is larger than 1 MiB, with its scope and its additional keys: it cannot be stored")

// storedForm is x/oauth2's token JSON and what it loses.
type storedForm struct {
	AccessToken  string    `json:"access_token"`
	TokenType    string    `json:"token_type,omitempty"`
	RefreshToken string    `json:"refresh_token,omitempty"`
	Expiry       time.Time `json:"expiry,omitzero"`
	ExpiresIn    int64     `json:"expires_in,omitempty"`
	Scope        string    `json:"scope,omitempty"`
	TokenURL     string    `json:"token_url,omitempty"`
	Version      int       `json:"version"`
}

// unknownKeys are keys of a stored token that are not ours to drop.
type unknownKeys map[string]json.RawMessage

func (u *unknownKeys) decoded() map[string]any {
	values := make(map[string]any, len(*u))
	for key, raw := range *u {
		var v any
		if json.Unmarshal(raw, &v) == nil {
			values[key] = v
		}
	}
	return values
}

func unknownOf(t *oauth2.Token) *unknownKeys {
	u, _ := t.Extra(keyUnknown).(*unknownKeys)
	return u
}

// tokenURLOf is where a stored grant was refreshed last, "" where that is not known.
func tokenURLOf(t *oauth2.Token) string {
	u, _ := t.Extra(keyTokenURL).(string)
	return u
}

// movedTo is a stored grant under another token URL.
func movedTo(t *oauth2.Token, tokenURL string) *oauth2.Token {
	extra := map[string]any{keyTokenURL: tokenURL, keyScope: scopeOf(t)}
	if kept := unknownOf(t); kept != nil {
		extra[keyUnknown] = kept
	}
	return t.WithExtra(extra)
}

// EncodeToken writes a token as a [Store] must keep it: the JSON of x/oauth2, which other programs can read, and the
// keys "scope", "token_url" and "version". Keys of a token read by [DecodeToken] that it does not know are written
// again, through refreshes too. The bytes are secret. More than 1 MiB of them is an error: [DecodeToken] would refuse
// them.
func EncodeToken(t *oauth2.Token) ([]byte, error) {
	if t == nil || t.AccessToken == "" && t.RefreshToken == "" {
		return nil, errors.New("oauth: there is no token to encode")
	}
	form := storedForm{
		AccessToken: t.AccessToken, TokenType: t.TokenType, RefreshToken: t.RefreshToken,
		Expiry: t.Expiry.UTC(), ExpiresIn: t.ExpiresIn,
		Scope: scopeOf(t), TokenURL: tokenURLOf(t), Version: storedVersion,
	}
	encoded, err := plainJSON(form)
	if err != nil { // an expiry beyond the year 9999
		return nil, errors.New("oauth: the token's expiry cannot be encoded")
	}
	if unknown := unknownOf(t); unknown != nil && len(*unknown) > 0 {
		more, err := plainJSON(*unknown)
		if err != nil {
			return nil, errors.New("oauth: the token's additional keys cannot be encoded")
		}
		encoded = append(append(encoded[:len(encoded)-1], ','), more[1:]...)
	}
	if len(encoded) > maxEncoded {
		return nil, errTooLarge
	}
	return encoded, nil
}

// plainJSON is json.Marshal that writes <, > and & as they are: escaped they would take six times the room.
func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// DecodeToken reads what [EncodeToken] wrote, and plain JSON of an [oauth2.Token]. Scope, token URL and unknown keys
// are in the token's Extra.
//
// Empty bytes, more than 1 MiB, bytes that are torn or no token, and the form of a newer version are errors, and not
// [ErrNoToken]: they are grants that something happened to. No error holds any of the bytes.
func DecodeToken(b []byte) (*oauth2.Token, error) {
	if len(bytes.TrimSpace(b)) == 0 {
		return nil, errors.New("oauth: the stored token is empty: restore it or ask for consent again")
	}
	if isSealed(b) {
		return nil, fmt.Errorf("%w: it is sealed and no key is given", ErrSealed)
	}
	if len(b) > maxEncoded {
		return nil, errTooLarge
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(b, &fields) != nil || fields == nil {
		return nil, errors.New("oauth: the stored token is torn or no JSON object: restore it or ask for consent again")
	}
	t := &oauth2.Token{}
	var scope, expiresIn any
	var tokenURL string
	version := storedVersion
	for _, field := range []struct {
		key  string // exactly so
		into any
	}{
		{keyVersion, &version}, // first: what a newer one changed is not ours to complain of
		{"access_token", &t.AccessToken}, {"token_type", &t.TokenType}, {"refresh_token", &t.RefreshToken},
		{"expiry", &t.Expiry}, {"expires_in", &expiresIn}, {keyScope, &scope}, {keyTokenURL, &tokenURL},
	} {
		if raw, ok := fields[field.key]; ok && json.Unmarshal(raw, field.into) != nil {
			return nil, fmt.Errorf("oauth: the stored token's %q is not of the type that it should be", field.key)
		}
		delete(fields, field.key)
		if version > storedVersion {
			return nil, fmt.Errorf("oauth: the stored token has version %d, this SDK reads up to %d: upgrade it", version, storedVersion)
		}
	}
	t.ExpiresIn = lifetime(expiresIn)
	if t.AccessToken == "" && t.RefreshToken == "" {
		return nil, errors.New("oauth: the stored JSON holds neither an access_token nor a refresh_token")
	}

	unknown := unknownKeys(fields) // what is left of them
	extra := unknown.decoded()
	if s := joinScope(scope); s != "" {
		extra[keyScope] = s
	}
	if tokenURL != "" {
		extra[keyTokenURL] = tokenURL
	}
	if len(unknown) > 0 {
		extra[keyUnknown] = &unknown
	}
	return t.WithExtra(extra), nil
}
