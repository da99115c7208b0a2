package ouratest

import (
	"fmt"
	"time"

	"github.com/oura-go/sdk/oura"
)

// person is who the data is about. Everything else follows from the seed.
type person struct {
	name string
	seed uint64
	loc  *time.Location

	age            int
	female         bool
	height, weight float64 // m, kg
	restingBPM     float64
	hrv            float64 // ms
	bedtime, wake  int     // minutes from midnight of the day on which the night ends
	vigour         float64 // around 1: how much the person moves
	charge         int     // minutes from midnight: when the ring is charged
}

func newPerson(name string, loc *time.Location) *person {
	seed := mix(hash("person:" + name))
	d := &dice{seed}
	p := &person{name: name, seed: seed, loc: loc}
	p.age = 24 + d.intn(36)
	p.female = d.chance(0.5)
	p.height = round(d.between(1.58, 1.84), 2)
	p.weight = round(p.height*p.height*d.between(20.5, 26.5), 1)
	p.restingBPM = d.between(46, 60)
	p.hrv = d.between(34, 70)
	p.bedtime = -95 + 5*d.intn(16)
	p.wake = 375 + 5*d.intn(18)
	p.vigour = d.between(0.8, 1.25)
	p.charge = 19*60 + 10*d.intn(10)
	return p
}

func (r *recipe) who() *person { return newPerson(r.person, r.loc) }

func (p *person) dice(topic string, day oura.Date) *dice { return throw(p.seed, topic, day) }

// id is opaque and looks like the service's own.
func (p *person) id(collection string, day oura.Date, n int) string {
	d := throw(p.seed+uint64(n), "id:"+collection, day) //nolint:gosec // n is small and positive
	a, b := d.next(), d.next()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0x3fff|0x8000, b&0xffffffffffff)
}

// PersonalInfo builds a profile. Its ID is the UserID of the person's webhook events.
func PersonalInfo(opts ...DataOption) oura.PersonalInfo {
	r := newRecipe(opts)
	p := r.who()
	info := oura.PersonalInfo{ID: p.id("personal_info", epoch, 0)}
	if r.onlyRequired {
		return info
	}
	sex, local := "male", p.name
	if p.female {
		sex = "female"
	}
	if local == "" {
		local = "person"
	}
	email := local + "@example.com"
	info.Age, info.BiologicalSex, info.Email = &p.age, &sex, &email
	info.Height, info.Weight = &p.height, &p.weight
	return info
}

// RingConfiguration builds the person's ring.
func RingConfiguration(opts ...DataOption) oura.RingConfiguration {
	r := newRecipe(opts)
	p := r.who()
	d := p.dice("ring", epoch)
	day := oura.Date{Year: 2024, Month: time.January, Day: 1}.AddDays(d.intn(300))
	return oura.RingConfiguration{
		ID:              p.ring(),
		Color:           optional(r, enum(r, pick(d, oura.RingColorSilver, oura.RingColorStealthBlack, oura.RingColorRose))),
		Design:          optional(r, enum(r, pick(d, oura.RingDesignHorizon, oura.RingDesignHeritage))),
		FirmwareVersion: optional(r, fmt.Sprintf("2.%d.%d", 9+d.intn(4), d.intn(10))),
		HardwareType:    optional(r, enum(r, pick(d, oura.RingHardwareTypeGen3, oura.RingHardwareTypeGen4))),
		SetUpAt:         optional(r, wall(p.loc, day, 18*60+d.intn(120)).UTC()),
		Size:            optional(r, 6+d.intn(7)),
	}
}

func (p *person) ring() string { return p.id("ring_configuration", epoch, 0) }
