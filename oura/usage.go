package oura

import "time"

// limitWindow is what the service counts requests in. It does not say where its windows begin.
const limitWindow = 5 * time.Minute

// usage counts the requests of the last window, by seconds. The zero value has counted none.
type usage struct {
	seconds [int(limitWindow/time.Second) + 1]int // one more than the window has, as the oldest is not over yet
	newest  int64                                 // the second of the last request, since 1970
}

// slot is where the requests of a second are counted.
func (u *usage) slot(second int64) *int {
	n := int64(len(u.seconds))
	return &u.seconds[(second%n+n)%n]
}

// add counts one request.
func (u *usage) add(now time.Time) {
	u.forget(now)
	*u.slot(u.newest)++ // not that of now, which a clock that was set back may have moved into the past
}

// count is the number of requests in the last window.
func (u *usage) count(now time.Time) int {
	u.forget(now)
	sum := 0
	for _, n := range u.seconds {
		sum += n
	}
	return sum
}

// forget empties the seconds between the last request and now: what they hold is older than the window.
func (u *usage) forget(now time.Time) {
	second := now.Unix()
	for s := max(u.newest+1, second-int64(len(u.seconds))+1); s <= second; s++ {
		*u.slot(s) = 0
	}
	u.newest = max(u.newest, second)
}
