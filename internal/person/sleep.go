package person

import (
	"math"

	"github.com/oura-go/sdk/api"
)

// Sleep makes the long sleep that ends on the day, from the evening before.
func (p *Person) Sleep(day api.Date) api.Sleep {
	return p.sleep("night", day, p.night(day), api.SleepTypeLongSleep, 0)
}

// Nap makes a short sleep in the afternoon of the day.
func (p *Person) Nap(day api.Date) api.Sleep {
	return p.sleep("nap", day, p.nap(day), api.SleepTypeLateNap, 1)
}

func (p *Person) sleep(topic string, day api.Date, s span, kind api.SleepType, period int) api.Sleep {
	s = p.bedtime(s)
	z := p.sleeping(topic, day, s)
	doc := api.Sleep{
		ID: p.id("sleep", day, period), Day: day, Period: period,
		BedtimeStart: s.start, BedtimeEnd: &s.end, TimeInBed: api.Seconds(s.seconds()),
	}
	if p.InProgress {
		doc.BedtimeEnd = nil
	}
	if p.InProgress || p.OnlyRequired {
		return doc
	}
	phases := codes(z.stages, s.seconds(), epochSeconds)
	fine := codes(z.stages, s.seconds(), movementSeconds)
	doc.Type = new(enum(p, kind))
	doc.SleepPhase5Min, doc.AppSleepPhase5Min, doc.SleepPhase30Sec = &phases, &phases, &fine
	doc.Movement30Sec, doc.RestlessPeriods = &z.movement, &z.restless
	doc.DeepSleepDuration, doc.LightSleepDuration = new(z.times[api.SleepPhaseDeep]), new(z.times[api.SleepPhaseLight])
	doc.REMSleepDuration, doc.AwakeTime = new(z.times[api.SleepPhaseREM]), new(z.times[api.SleepPhaseAwake])
	doc.Latency, doc.TotalSleepDuration, doc.Efficiency = &z.latency, new(z.asleep()), new(z.efficiency())
	doc.AverageBreath = new(round(13+3*p.dice("breath", day).float(), 3))
	doc.SleepAlgorithmVersion = new(enum(p, api.SleepAlgorithmVersionV2))
	doc.SleepAnalysisReason = new(enum(p, api.SleepAnalysisReasonForegroundSleepAnalysis))
	doc.RingID = new(p.ring())
	p.readings(&doc, z)
	if kind == api.SleepTypeLongSleep {
		ready := p.DailyReadiness(day)
		doc.Readiness = &api.SleepReadiness{
			Contributors: ready.Contributors, Score: ready.Score,
			TemperatureDeviation: ready.TemperatureDeviation, TemperatureTrendDeviation: ready.TemperatureTrendDeviation,
		}
		doc.ReadinessScoreDelta, doc.SleepScoreDelta = new(0), new(0)
	} else {
		d := p.dice("nap deltas", day)
		doc.ReadinessScoreDelta, doc.SleepScoreDelta = new(d.intn(3)), new(d.intn(6))
	}
	return doc
}

// readings adds what the ring measured at intervals, and what follows from it.
func (p *Person) readings(doc *api.Sleep, z sleeping) {
	if p.NoReadings {
		doc.LowestHeartRate = new(255) // as the service writes "no data"
		return
	}
	d := p.dice("gaps", doc.Day)
	bpm, hrv := gapped(d, z.bpm, p.SleepGaps), gapped(d, z.hrv, p.SleepGaps)
	doc.HeartRate = &api.Sample{Interval: epochSeconds, Items: bpm, Timestamp: z.start}
	doc.HRV = &api.Sample{Interval: epochSeconds, Items: hrv, Timestamp: z.start}
	if average, low, ok := summary(bpm); ok {
		doc.AverageHeartRate, doc.LowestHeartRate = new(round(average, 3)), new(int(low))
	}
	if average, _, ok := summary(hrv); ok {
		doc.AverageHRV = new(int(math.Round(average)))
	}
}

// gapped copies a series with about that share of gaps.
func gapped(d *dice, values []float64, share float64) api.Samples {
	items := make(api.Samples, len(values))
	for i, v := range values {
		items[i] = v
		if share > 0 && d.chance(share) {
			items[i] = math.NaN()
		}
	}
	return items
}

// summary is the mean and the least of the items that are no gaps.
func summary(items api.Samples) (average, low float64, ok bool) {
	sum, n, low := 0.0, 0, math.Inf(1)
	for _, v := range items {
		if !math.IsNaN(v) {
			sum, n, low = sum+v, n+1, min(low, v)
		}
	}
	return sum / float64(max(n, 1)), low, n > 0
}
