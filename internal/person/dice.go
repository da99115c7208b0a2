package person

import (
	"hash/fnv"
	"math"

	"github.com/oura-go/sdk/api"
)

// dice are pseudo-random numbers that depend on their seed alone, so that the same day of the same person is the same
// in every program, in any order of asking.
type dice struct{ state uint64 }

// throw returns the dice of one topic on one day. Topics do not influence each other.
func throw(seed uint64, topic string, day api.Date) *dice {
	return &dice{mix(seed ^ hash(topic) ^ mix(uint64(dayNumber(day))))} //nolint:gosec // the sign does not matter
}

func hash(s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s))
	return h.Sum64()
}

// mix is the finaliser of splitmix64: every bit of the input changes half of the output.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (d *dice) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	return mix(d.state)
}

// float is at least 0 and less than 1.
func (d *dice) float() float64 { return float64(d.next()>>11) / (1 << 53) }

// between is at least low and less than high.
func (d *dice) between(low, high float64) float64 { return low + d.float()*(high-low) }

// intn is one of 0 … n-1.
func (d *dice) intn(n int) int { return int(d.next() % uint64(n)) } //nolint:gosec // n is small and positive

func (d *dice) chance(p float64) bool { return d.float() < p }

// normal is bell-shaped around 0 with a deviation of 1, never beyond ±3.5.
func (d *dice) normal() float64 {
	sum := 0.0
	for range 4 {
		sum += d.float()
	}
	return (sum - 2) * math.Sqrt(3)
}

// pick returns one of the values.
func pick[T any](d *dice, values ...T) T { return values[d.intn(len(values))] }

// round keeps the given number of decimals, which also hides what processors disagree on.
func round(v float64, decimals int) float64 {
	p := math.Pow10(decimals)
	return math.Round(v*p) / p
}

// clamp rounds a value into low … high.
func clamp(v float64, low, high int) int { return min(max(int(math.Round(v)), low), high) }

// percent rounds a value into the range of scores and contributors.
func percent(v float64) int { return clamp(v, 1, 100) }

var epoch = api.Date{Year: 1970, Month: 1, Day: 1}

func dayNumber(d api.Date) int { return d.DaysSince(epoch) }
