package webhook

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// The headers of a delivery.
const (
	SignatureHeader = "X-Oura-Signature"
	TimestampHeader = "X-Oura-Timestamp"
)

const (
	defaultTolerance = 2 * time.Hour
	maxAhead         = 5 * time.Minute
)

// Sign returns what Oura sends in the X-Oura-Signature header: the HMAC-SHA256 over timestamp and body under the
// application's client secret, as 64 upper-case hex digits. The timestamp is the text of the X-Oura-Timestamp header.
// Use it to test a receiver. (In a bubble of testing/synctest sign seconds: its clock starts in the year 2000, whose
// milliseconds are so few that they are read as seconds.)
func Sign(clientSecret, timestamp string, body []byte) string {
	return strings.ToUpper(hex.EncodeToString(computeMAC(clientSecret, timestamp, body)))
}

func computeMAC(clientSecret, timestamp string, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(clientSecret))
	buf := append(make([]byte, 0, sha256.Size), timestamp...) // for both ways, as each would allocate
	mac.Write(buf)
	mac.Write(body)
	return mac.Sum(buf[:0])
}

// Verifier proves that a delivery comes from Oura and is recent. [Handler] has one built in; use it alone where
// requests do not arrive through net/http. It is safe for concurrent use as long as its fields do not change.
type Verifier struct {
	// ClientSecret is that of the application. Empty, it refuses everything.
	ClientSecret string

	// Tolerance is how old a delivery may be; it may be ahead of the clock by as much, but by 5 minutes at most. Zero
	// means 2 hours back and 5 minutes ahead: Oura repeats a delivery for about an hour, and perhaps with the first
	// signature. A negative one refuses everything.
	Tolerance time.Duration

	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// Verify checks the two headers and the raw body of a delivery: the bytes as they were received, not JSON encoded anew.
// Header names match in any case, so that a map built from a serverless event works.
//
// The error matches [ErrInvalidSignature] or, where only the time is wrong, [ErrStale]. Nothing separates timestamp and
// body in what is signed, so digits could have moved from one to the other under the same signature: a body that does
// not begin with "{" is refused. The error matches ErrInvalidSignature, and [ErrMalformed] too unless it begins with
// such a digit.
//
// No error contains the secret or the signature that would have been right.
func (v Verifier) Verify(header http.Header, body []byte) error {
	c, err := readClaim(header)
	if err != nil {
		return err
	}
	return v.check(c, body)
}

// A claim is what the headers of a delivery say, not yet proven.
type claim struct {
	timestamp string // as it was sent, because this is what is signed
	time      time.Time
	mac       []byte
}

// readClaim reads the headers. It needs no secret and no body, so that requests without any claim are refused before
// their body is read.
func readClaim(header http.Header) (claim, error) {
	timestamp, err := single(header, TimestampHeader)
	if err != nil {
		return claim{}, err
	}
	signature, err := single(header, SignatureHeader)
	if err != nil {
		return claim{}, err
	}
	at, ok := parseTimestamp(timestamp)
	if !ok {
		return claim{}, fmt.Errorf("%w: %s is not plain digits", ErrInvalidSignature, TimestampHeader)
	}
	mac, err := hex.DecodeString(signature)
	if err != nil || len(mac) != sha256.Size {
		return claim{}, fmt.Errorf("%w: %s is not %d hex digits", ErrInvalidSignature, SignatureHeader, hex.EncodedLen(sha256.Size))
	}
	return claim{timestamp: timestamp, time: at, mac: mac}, nil
}

// check proves a claim. The signature comes before the clock: an [ErrStale] then always speaks of a delivery that Oura
// made.
func (v Verifier) check(c claim, body []byte) error {
	if v.ClientSecret == "" {
		return fmt.Errorf("%w: ClientSecret is empty, so nothing can be verified", ErrInvalidSignature)
	}
	if !hmac.Equal(c.mac, computeMAC(v.ClientSecret, c.timestamp, body)) {
		return fmt.Errorf("%w: it does not belong to this timestamp and body under this client secret", ErrInvalidSignature)
	}
	switch {
	case len(body) > 0 && body[0] >= '0' && body[0] <= '9':
		return fmt.Errorf("%w: the body begins with a digit, which may have been moved from the timestamp", ErrInvalidSignature)
	case len(body) == 0 || body[0] != '{':
		return fmt.Errorf("%w: %w: the body does not begin with {", ErrInvalidSignature, ErrMalformed)
	}
	return v.checkTime(c.time)
}

func (v Verifier) checkTime(at time.Time) error {
	now := time.Now()
	if v.Now != nil {
		now = v.Now()
	}
	back := cmp.Or(v.Tolerance, defaultTolerance)
	ahead := min(back, maxAhead)
	if age := now.Sub(at); age > back {
		return fmt.Errorf("%w: signed %v ago, accepted are %v; if deliveries are fresh, the clock is ahead", ErrStale, age, back)
	}
	if lead := at.Sub(now); lead > ahead {
		return fmt.Errorf("%w: signed %v in the future, accepted are %v; the clock may be behind", ErrStale, lead, ahead)
	}
	return nil
}

// single returns the only value of a header. More than one is refused, because whoever else looks at the request may
// read the other one.
func single(header http.Header, name string) (string, error) {
	var value string
	count := 0
	for key, values := range header {
		if !strings.EqualFold(key, name) {
			continue
		}
		count += len(values)
		if len(values) > 0 {
			value = values[0]
		}
	}
	switch count {
	case 0:
		return "", fmt.Errorf("%w: %s is missing", ErrInvalidSignature, name)
	case 1:
		return value, nil
	default:
		return "", fmt.Errorf("%w: %s came %d times", ErrInvalidSignature, name, count)
	}
}
