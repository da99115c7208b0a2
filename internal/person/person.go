// Package person makes the data of people who do not exist: documents and rows for tests. The same day of the same
// person is always the same, in every program and in any order of asking, and all documents of a day agree with each
// other. It knows the models of the API and nothing of the service. A [Person] is safe for concurrent use.
package person

import (
	"cmp"
	"fmt"
	"time"

	"github.com/oura-go/sdk/api"
)

// Recipe says who the data is about and what is odd about it. The zero Recipe is one and the same person, in UTC.
type Recipe struct {
	Name       string
	Location   *time.Location // nil: UTC
	Start, End time.Time      // of the night and the nap; zero: as planned
	Gaps       float64        // share of rows that are left out, and of samples other than those of a sleep that are gaps
	SleepGaps  float64        // share of samples of a sleep that are gaps
	Until      time.Time      // what comes after it has not happened yet; zero: everything has

	NoScore, NoReadings, NoID, NoUnix, NoOffset, OnlyRequired, UnknownEnums, InProgress, SharedTimestamps bool
}

// Person makes documents by a recipe. Habits follow from the seed, which follows from the name.
type Person struct {
	Recipe

	seed           uint64
	age            int
	female         bool
	height, weight float64 // m, kg
	restingBPM     float64
	hrv            float64 // ms
	toBed, wake    int     // minutes from midnight of the day on which the night ends
	vigour         float64 // around 1: how much the person moves
	charge         int     // minutes from midnight: when the ring is charged
}

// New returns the person of the recipe.
func New(r Recipe) *Person {
	if r.Location == nil {
		r.Location = time.UTC
	}
	seed := mix(hash("person:" + r.Name))
	d := &dice{seed}
	p := &Person{Recipe: r, seed: seed}
	p.age = 24 + d.intn(36)
	p.female = d.chance(0.5)
	p.height = round(d.between(1.58, 1.84), 2)
	p.weight = round(p.height*p.height*d.between(20.5, 26.5), 1)
	p.restingBPM = d.between(46, 60)
	p.hrv = d.between(34, 70)
	p.toBed = -95 + 5*d.intn(16)
	p.wake = 375 + 5*d.intn(18)
	p.vigour = d.between(0.8, 1.25)
	p.charge = 19*60 + 10*d.intn(10)
	return p
}

func (p *Person) dice(topic string, day api.Date) *dice { return throw(p.seed, topic, day) }

// id is opaque and looks like the service's own.
func (p *Person) id(collection string, day api.Date, n int) string {
	d := throw(p.seed+uint64(n), "id:"+collection, day) //nolint:gosec // n is small and positive
	a, b := d.next(), d.next()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0x3fff|0x8000, b&0xffffffffffff)
}

// wall is the instant at which the person's clock shows that many minutes after midnight of the day; negative ones are
// on the evening before.
func (p *Person) wall(day api.Date, minutes int) time.Time {
	return time.Date(day.Year, day.Month, day.Day, 0, minutes, 0, 0, p.Location)
}

// enum replaces a value when unknown ones are asked for.
func enum[E ~string](p *Person, v E) E {
	if p.UnknownEnums {
		return "made_up"
	}
	return v
}

// optional is nil when only required values are asked for.
func optional[T any](p *Person, v T) *T {
	if p.OnlyRequired {
		return nil
	}
	return &v
}

// score is optional, and also nil without a score.
func (p *Person) score(v int) *int {
	if p.NoScore {
		return nil
	}
	return optional(p, v)
}

// PersonalInfo makes the profile.
func (p *Person) PersonalInfo() api.PersonalInfo {
	info := api.PersonalInfo{ID: p.id("personal_info", epoch, 0)}
	if p.OnlyRequired {
		return info
	}
	sex := "male"
	if p.female {
		sex = "female"
	}
	info.Age, info.BiologicalSex, info.Email = &p.age, &sex, new(cmp.Or(p.Name, "person")+"@example.com")
	info.Height, info.Weight = &p.height, &p.weight
	return info
}

// RingConfiguration makes the person's ring.
func (p *Person) RingConfiguration() api.RingConfiguration {
	d := p.dice("ring", epoch)
	day := api.Date{Year: 2024, Month: time.January, Day: 1}.AddDays(d.intn(300))
	return api.RingConfiguration{
		ID:              p.ring(),
		Color:           optional(p, enum(p, pick(d, api.RingColorSilver, api.RingColorStealthBlack, api.RingColorRose))),
		Design:          optional(p, enum(p, pick(d, api.RingDesignHorizon, api.RingDesignHeritage))),
		FirmwareVersion: optional(p, fmt.Sprintf("2.%d.%d", 9+d.intn(4), d.intn(10))),
		HardwareType:    optional(p, enum(p, pick(d, api.RingHardwareTypeGen3, api.RingHardwareTypeGen4))),
		SetUpAt:         optional(p, p.wall(day, 18*60+d.intn(120)).UTC()),
		Size:            optional(p, 6+d.intn(7)),
	}
}

func (p *Person) ring() string { return p.id("ring_configuration", epoch, 0) }
