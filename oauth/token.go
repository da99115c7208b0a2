package oauth

import (
	"crypto/sha256"
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// wallTime is now by the wall clock. The monotonic clock, which comparisons prefer, stands still while a machine sleeps;
// a token ends all the same.
func wallTime() time.Time { return time.Now().Round(0) }

// maxToken bounds a token and a scope, in bytes. No server takes a header as long.
const maxToken = 32 << 10

// sameAccess compares what the service sees. Later expiry says nothing about which of two tokens is the good one.
func sameAccess(a, b *oauth2.Token) bool {
	return a != nil && b != nil && a.AccessToken == b.AccessToken
}

func sameGrant(a, b *oauth2.Token) bool {
	return sameAccess(a, b) && a.RefreshToken == b.RefreshToken
}

// expired reports whether t's time is over. A token without expiry is used until the service rejects it.
func expired(t *oauth2.Token) bool { return !t.Expiry.IsZero() && !wallTime().Before(t.Expiry) }

// serves reports whether t can be handed out to a caller that had rejected refused, which may be nil, as may t.
func serves(t, rejected *oauth2.Token) bool {
	return t != nil && t.AccessToken != "" && !sameAccess(t, rejected) && !expired(t)
}

// copyToken keeps callers from writing into a token that others hold.
func copyToken(t *oauth2.Token) *oauth2.Token {
	if t == nil {
		return nil
	}
	c := *t
	return &c
}

// fingerprint stands for a token where only equality matters.
type fingerprint [sha256.Size]byte

func fingerprintOf(token string) fingerprint { return sha256.Sum256([]byte(token)) }

// maxLifetime is the longest expires_in, in seconds, that is believed: ten years.
const maxLifetime = 10 * 365 * 24 * 60 * 60

// lifetime reads expires_in as a number or a string, with or without a fraction. What is missing or odd is 0: the token
// is then used until the service rejects it.
func lifetime(v any) int64 {
	var seconds float64
	switch v := v.(type) {
	case float64:
		seconds = v
	case string:
		seconds, _ = strconv.ParseFloat(strings.TrimSpace(v), 64) // 0 or infinite where it fails
	}
	if math.IsNaN(seconds) || seconds < 1 || seconds > maxLifetime {
		return 0
	}
	return int64(seconds)
}
