package ouratest

import (
	"math"

	"github.com/oura-go/sdk/oura"
)

// sleeping is what happened during one sleep, before it is written as a document.
type sleeping struct {
	span
	stages   []oura.SleepPhase
	times    stageTimes
	bpm, hrv []float64
	movement string
	restless int
}

func (p *person) sleeping(topic string, day oura.Date, s span) sleeping {
	d := p.dice("sleeping "+topic, day)
	z := sleeping{span: s}
	n := (s.seconds() + epochSeconds - 1) / epochSeconds
	z.stages = hypnogram(d, n)
	z.times = timesOf(z.stages, s.seconds())
	z.bpm, z.hrv = make([]float64, n), make([]float64, n)
	for i, stage := range z.stages {
		progress := float64(i) / float64(n)
		z.bpm[i], z.hrv[i] = p.sleepingBPM(d, stage, progress), p.sleepingHRV(d, stage, progress)
	}
	z.movement, z.restless = movements(d, z.stages, s.seconds())
	return z
}

// efficiency is the share of the time in bed that was sleep, in %.
func (z sleeping) efficiency() int {
	return percent(100 * float64(z.times.asleep()) / float64(z.seconds()))
}

// Night builds the long sleep that ends on the day: about seven to eight hours, from the evening before. Stages in the
// coded strings add up to the durations, the durations to the time in bed; heart rate and HRV have a sample for every
// five minutes of it, and averages and the lowest heart rate are those of the samples. Its scores are those of
// [DailySleep] and [DailyReadiness] of the same day and person.
//
// With [InProgress] the end is null and the document holds only what is known early in a sleep.
func Night(day oura.Date, opts ...DataOption) oura.Sleep {
	r := newRecipe(opts)
	p := r.who()
	s := p.night(day)
	return r.sleep(p, "night", day, s, oura.SleepTypeLongSleep, 0)
}

// Nap builds a short sleep in the afternoon of the day, of the type late_nap: several sleeps on one day are normal.
func Nap(day oura.Date, opts ...DataOption) oura.Sleep {
	r := newRecipe(opts)
	p := r.who()
	return r.sleep(p, "nap", day, p.nap(day), oura.SleepTypeLateNap, 1)
}

func (r *recipe) sleep(p *person, topic string, day oura.Date, s span, kind oura.SleepType, period int) oura.Sleep {
	s = r.bedtime(s)
	z := p.sleeping(topic, day, s)
	doc := oura.Sleep{
		ID: p.id("sleep", day, period), Day: day, Period: period,
		BedtimeStart: s.start, BedtimeEnd: &s.end, TimeInBed: s.seconds(),
	}
	if r.inProgress {
		doc.BedtimeEnd = nil
		return doc
	}
	if r.onlyRequired {
		return doc
	}
	phases := codes(z.stages, s.seconds(), epochSeconds)
	fine := codes(z.stages, s.seconds(), movementSeconds)
	doc.Type = new(enum(r, kind))
	doc.SleepPhase5Min, doc.AppSleepPhase5Min, doc.SleepPhase30Sec = &phases, &phases, &fine
	doc.Movement30Sec, doc.RestlessPeriods = &z.movement, &z.restless
	doc.DeepSleepDuration, doc.LightSleepDuration, doc.REMSleepDuration = &z.times.deep, &z.times.light, &z.times.rem
	doc.AwakeTime, doc.Latency = &z.times.awake, &z.times.latency
	doc.TotalSleepDuration, doc.Efficiency = new(z.times.asleep()), new(z.efficiency())
	doc.AverageBreath = new(round(13+3*p.dice("breath", day).float(), 3))
	doc.SleepAlgorithmVersion = new(enum(r, oura.SleepAlgorithmVersionV2))
	doc.SleepAnalysisReason = new(enum(r, oura.SleepAnalysisReasonForegroundSleepAnalysis))
	doc.RingID = new(p.ring())
	r.readings(&doc, p, z)
	if kind == oura.SleepTypeLongSleep {
		ready := p.readiness(day)
		contributors := ready.contributors()
		doc.Readiness = &oura.SleepReadiness{
			Contributors: contributors, Score: r.score(ready.score()),
			TemperatureDeviation: &ready.temperature, TemperatureTrendDeviation: &ready.trend,
		}
		doc.ReadinessScoreDelta, doc.SleepScoreDelta = new(0), new(0)
	} else {
		d := p.dice("nap deltas", day)
		doc.ReadinessScoreDelta, doc.SleepScoreDelta = new(d.intn(3)), new(d.intn(6))
	}
	return doc
}

// readings adds what the ring measured at intervals, and what follows from it.
func (r *recipe) readings(doc *oura.Sleep, p *person, z sleeping) {
	if r.noReadings {
		doc.LowestHeartRate = new(255) // as the service writes "no data"
		return
	}
	d := p.dice("gaps", doc.Day)
	bpm, hrv := r.gapped(d, z.bpm), r.gapped(d, z.hrv)
	doc.HeartRate = &oura.Sample{Interval: epochSeconds, Items: bpm, Timestamp: z.start}
	doc.HRV = &oura.Sample{Interval: epochSeconds, Items: hrv, Timestamp: z.start}
	if mean, low, ok := summary(bpm); ok {
		doc.AverageHeartRate, doc.LowestHeartRate = new(round(mean, 3)), new(int(low))
	}
	if mean, _, ok := summary(hrv); ok {
		doc.AverageHRV = new(int(math.Round(mean)))
	}
}

// gapped copies a series with as many gaps as asked for.
func (r *recipe) gapped(d *dice, values []float64) oura.Samples {
	items := make(oura.Samples, len(values))
	for i, v := range values {
		items[i] = v
		if r.gaps > 0 && d.chance(r.gaps) {
			items[i] = math.NaN()
		}
	}
	return items
}

// summary is the mean and the least of the items that are no gaps.
func summary(items oura.Samples) (mean, low float64, ok bool) {
	sum, n, low := 0.0, 0, math.Inf(1)
	for _, v := range items {
		if !math.IsNaN(v) {
			sum, n, low = sum+v, n+1, min(low, v)
		}
	}
	return sum / float64(max(n, 1)), low, n > 0
}

// bedtime is the planned span, unless a Bedtime option has moved it.
func (r *recipe) bedtime(planned span) span {
	if r.start.IsZero() {
		return planned
	}
	return span{r.start.In(r.loc), r.end.In(r.loc)}
}
