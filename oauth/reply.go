package oauth

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// reply is an answer whose body was read as far as it is wanted.
type reply struct {
	status   int
	header   http.Header
	body     []byte
	cut      bool // body is not whole
	scrubber scrubber
}

func (r *reply) ok() bool { return r.status >= 200 && r.status < 300 }

// refusal makes the error of an answer that grants nothing.
func (r *reply) refusal(code, description string) *TokenError {
	if !standardCodes[code] {
		code = r.scrubber.clean(code)
	}
	return &TokenError{
		StatusCode: r.status, Code: code, Description: r.scrubber.clean(description),
		RetryAfter: retryAfter(r.header.Get("Retry-After"), time.Now()),
	}
}

// standardCodes are the errors of RFC 6749 and RFC 7009, which tell nothing
// whatever the secrets are.
var standardCodes = map[string]bool{
	"invalid_request": true, "invalid_client": true, "invalid_grant": true, "unauthorized_client": true,
	"unsupported_grant_type": true, "invalid_scope": true, "unsupported_token_type": true,
}

// retryAfter reads seconds or an HTTP date. What is negative, past or unreadable counts as absent.
func retryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if seconds, err := strconv.ParseInt(value, 10, 32); err == nil {
		return max(0, time.Duration(seconds)*time.Second)
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, date.Sub(now))
	}
	return 0
}
