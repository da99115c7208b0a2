package webhook

import (
	"strconv"
	"strings"
	"time"
)

// maxTimestampDigits is as many digits as an int64 holds without overflow.
const maxTimestampDigits = 18

// parseTimestamp reads unix seconds or milliseconds. strconv would accept a sign too, and a space is only trimmed by
// some servers: plain digits only.
func parseTimestamp(s string) (time.Time, bool) {
	if s == "" || len(s) > maxTimestampDigits || strings.Trim(s, "0123456789") != "" {
		return time.Time{}, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return unixTime(n), err == nil
}

// unixTime tells seconds from milliseconds by size: 10^12 seconds are in the year 33658, 10^12 milliseconds were in
// 2001.
func unixTime(n int64) time.Time {
	if n < 1e12 {
		return time.Unix(n, 0).UTC()
	}
	return time.UnixMilli(n).UTC()
}
