package ouratest

import (
	"math"
	"strings"

	"github.com/oura-go/sdk/oura"
)

const (
	epochSeconds    = 300 // of a stage and a sample
	movementSeconds = 30
)

// hypnogram gives each five minutes of a sleep a stage: some minutes to fall asleep, then cycles of light, deep, light
// and REM sleep with the deep sleep early and the REM sleep late, and now and then a waking.
func hypnogram(d *dice, epochs int) []oura.SleepPhase {
	stages := make([]oura.SleepPhase, 0, epochs)
	add := func(p oura.SleepPhase, n int) {
		for range n {
			if len(stages) < epochs {
				stages = append(stages, p)
			}
		}
	}
	if epochs > 2 {
		add(oura.SleepPhaseAwake, 1+d.intn(min(4, epochs/2)))
	}
	for cycle := 0; len(stages) < epochs; cycle++ {
		add(oura.SleepPhaseLight, 3+d.intn(4))
		add(oura.SleepPhaseDeep, max(0, 6-2*cycle+d.intn(3)))
		add(oura.SleepPhaseLight, 3+d.intn(4))
		add(oura.SleepPhaseREM, min(1+2*cycle+d.intn(2), 8))
		if d.chance(0.4) {
			add(oura.SleepPhaseAwake, 1+d.intn(2))
		}
	}
	return stages
}

// stageTimes are the seconds in each stage. The last five minutes may be cut by the end of the sleep.
type stageTimes struct{ deep, light, rem, awake, latency int }

func (t stageTimes) asleep() int { return t.deep + t.light + t.rem }

func timesOf(stages []oura.SleepPhase, seconds int) stageTimes {
	var t stageTimes
	falling := true
	for i, s := range stages {
		n := min(epochSeconds, seconds-i*epochSeconds)
		if s != oura.SleepPhaseAwake {
			falling = false
		} else if falling {
			t.latency += n
		}
		switch s {
		case oura.SleepPhaseDeep:
			t.deep += n
		case oura.SleepPhaseREM:
			t.rem += n
		case oura.SleepPhaseAwake:
			t.awake += n
		default:
			t.light += n
		}
	}
	return t
}

// codes writes one character for each step, which may be shorter than a stage.
func codes(stages []oura.SleepPhase, seconds, step int) string {
	var b strings.Builder
	for at := 0; at < seconds; at += step {
		b.WriteByte(byte(stages[at/epochSeconds]))
	}
	return b.String()
}

// movements writes how the sleeper moved in each 30 s, and counts the restless periods: stretches with any movement.
func movements(d *dice, stages []oura.SleepPhase, seconds int) (code string, restless int) {
	var b strings.Builder
	still := true
	for at := 0; at < seconds; at += movementSeconds {
		m := oura.SleepMovementNone
		if stages[at/epochSeconds] == oura.SleepPhaseAwake {
			m = pick(d, oura.SleepMovementRestless, oura.SleepMovementTossing, oura.SleepMovementActive, oura.SleepMovementNone)
		} else if d.chance(0.06) {
			m = pick(d, oura.SleepMovementRestless, oura.SleepMovementRestless, oura.SleepMovementTossing)
		}
		b.WriteByte(byte(m))
		if m != oura.SleepMovementNone && still {
			restless++
		}
		still = m == oura.SleepMovementNone
	}
	return b.String(), restless
}

// sleepingBPM is the heart rate of a sample: falling through the night, lower in deep sleep, higher in REM.
func (p *person) sleepingBPM(d *dice, stage oura.SleepPhase, progress float64) float64 {
	v := p.restingBPM + 5*(1-progress)*(1-progress) + 1.1*d.normal()
	switch stage {
	case oura.SleepPhaseDeep:
		v -= 1.5
	case oura.SleepPhaseREM:
		v += 2.5
	case oura.SleepPhaseAwake:
		v += 5
	}
	return math.Round(v)
}

// sleepingHRV is the heart rate variability of a sample.
func (p *person) sleepingHRV(d *dice, stage oura.SleepPhase, progress float64) float64 {
	v := p.hrv * (0.85 + 0.3*progress + 0.12*d.normal())
	if stage == oura.SleepPhaseAwake {
		v *= 0.8
	}
	return math.Round(max(v, 8))
}
