package person

import (
	"math"
	"strings"

	"github.com/oura-go/sdk/api"
)

const (
	epochSeconds    = 300 // of a stage and a sample
	movementSeconds = 30
)

// hypnogram gives each five minutes of a sleep a stage: some minutes to fall asleep, then cycles of light, deep, light
// and REM sleep with the deep sleep early and the REM sleep late, and now and then a waking.
func hypnogram(d *dice, epochs int) []api.SleepPhase {
	stages := make([]api.SleepPhase, 0, epochs)
	add := func(p api.SleepPhase, n int) {
		for range n {
			if len(stages) < epochs {
				stages = append(stages, p)
			}
		}
	}
	if epochs > 2 {
		add(api.SleepPhaseAwake, 1+d.intn(min(4, epochs/2)))
	}
	for cycle := 0; len(stages) < epochs; cycle++ {
		add(api.SleepPhaseLight, 3+d.intn(4))
		add(api.SleepPhaseDeep, max(0, 6-2*cycle+d.intn(3)))
		add(api.SleepPhaseLight, 3+d.intn(4))
		add(api.SleepPhaseREM, min(1+2*cycle+d.intn(2), 8))
		if d.chance(0.4) {
			add(api.SleepPhaseAwake, 1+d.intn(2))
		}
	}
	return stages
}

// codes writes one character for each step, which may be shorter than a stage.
func codes(stages []api.SleepPhase, seconds, step int) string {
	var b strings.Builder
	for at := 0; at < seconds; at += step {
		b.WriteByte(byte(stages[at/epochSeconds]))
	}
	return b.String()
}

// movements writes how the sleeper moved in each 30 s, and counts the restless periods: stretches with any movement.
func movements(d *dice, stages []api.SleepPhase, seconds int) (code string, restless int) {
	var b strings.Builder
	still := true
	for at := 0; at < seconds; at += movementSeconds {
		m := api.SleepMovementNone
		if stages[at/epochSeconds] == api.SleepPhaseAwake {
			m = pick(d, api.SleepMovementRestless, api.SleepMovementTossing, api.SleepMovementActive, api.SleepMovementNone)
		} else if d.chance(0.06) {
			m = pick(d, api.SleepMovementRestless, api.SleepMovementRestless, api.SleepMovementTossing)
		}
		b.WriteByte(byte(m))
		if m != api.SleepMovementNone && still {
			restless++
		}
		still = m == api.SleepMovementNone
	}
	return b.String(), restless
}

// What each stage adds to the heart rate.
var stageBPM = map[api.SleepPhase]float64{api.SleepPhaseDeep: -1.5, api.SleepPhaseREM: 2.5, api.SleepPhaseAwake: 5}

// sleeping is what happened during one sleep, before it is written as a document.
type sleeping struct {
	span
	stages   []api.SleepPhase
	times    map[api.SleepPhase]api.Seconds // the last five minutes may be cut by the end of the sleep
	latency  api.Seconds
	bpm, hrv []float64
	movement string
	restless int
}

func (p *Person) sleeping(topic string, day api.Date, s span) sleeping {
	d := p.dice("sleeping "+topic, day)
	n := (s.seconds() + epochSeconds - 1) / epochSeconds
	z := sleeping{
		span: s, stages: hypnogram(d, n), times: map[api.SleepPhase]api.Seconds{}, bpm: make([]float64, n), hrv: make([]float64, n),
	}
	for i, stage := range z.stages {
		seconds, progress := api.Seconds(min(epochSeconds, s.seconds()-i*epochSeconds)), float64(i)/float64(n)
		z.times[stage] += seconds
		if z.asleep() == 0 {
			z.latency += seconds
		}
		z.bpm[i] = math.Round(p.restingBPM + 5*(1-progress)*(1-progress) + 1.1*d.normal() + stageBPM[stage])
		hrv := p.hrv * (0.85 + 0.3*progress + 0.12*d.normal())
		if stage == api.SleepPhaseAwake {
			hrv *= 0.8
		}
		z.hrv[i] = math.Round(max(hrv, 8))
	}
	z.movement, z.restless = movements(d, z.stages, s.seconds())
	return z
}

// asleep is how long the sleep was without its wakes.
func (z sleeping) asleep() api.Seconds {
	return z.times[api.SleepPhaseDeep] + z.times[api.SleepPhaseLight] + z.times[api.SleepPhaseREM]
}

// efficiency is the share of the time in bed that was sleep, in %.
func (z sleeping) efficiency() int { return percent(100 * float64(z.asleep()) / float64(z.seconds())) }
