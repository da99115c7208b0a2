package ouratest

import (
	"time"

	"github.com/oura-go/sdk/oura"
)

// Sleep builds the long sleep that ends on the day: about seven to eight hours, from the evening before. Stages in the
// coded strings add up to the durations, the durations to the time in bed; heart rate and HRV have a sample for every
// five minutes of it, and averages and the lowest heart rate are those of the samples. Its scores are those of
// [DailySleep] and [DailyReadiness] of the same day and person. [Nap] builds the other kind.
//
// With [WithoutEnd] the end is null and the document holds only what is known early in a sleep.
func Sleep(day oura.Date, opts ...DataOption) oura.Sleep { return who(opts).Sleep(day) }

// Nap builds a short [oura.Sleep] in the afternoon of the day, of the type late_nap: several sleeps on one day are normal.
func Nap(day oura.Date, opts ...DataOption) oura.Sleep { return who(opts).Nap(day) }

// DailyActivity builds a civil day's activity, which is measured from 04:00 to 04:00: 24 hours, or 23 or 25 when the
// clocks change. The times by class add up to it and agree with the coded string, MET has an item for every minute, and
// MET minutes, calories and distance follow from MET. The night and the workout are where [Sleep] and [Workout] have
// them.
func DailyActivity(day oura.Date, opts ...DataOption) oura.DailyActivity {
	return who(opts).DailyActivity(day)
}

// Night is the former name of [Sleep].
//
// Deprecated: Use [Sleep], which is named for what it builds.
func Night(day oura.Date, opts ...DataOption) oura.Sleep { return Sleep(day, opts...) }

// Day is the former name of [DailyActivity].
//
// Deprecated: Use [DailyActivity], which is named for what it builds.
func Day(day oura.Date, opts ...DataOption) oura.DailyActivity { return DailyActivity(day, opts...) }

// DailySleep builds the sleep score of the day, which is that of its [Sleep]; [WithBedtime] changes both alike.
func DailySleep(day oura.Date, opts ...DataOption) oura.DailySleep { return who(opts).DailySleep(day) }

// DailyReadiness builds the readiness score of the day.
func DailyReadiness(day oura.Date, opts ...DataOption) oura.DailyReadiness {
	return who(opts).DailyReadiness(day)
}

// DailySpO2 builds the blood oxygen saturation of the day. With [WithoutReadings] the average is 0.0, which is how the
// service writes "no data".
func DailySpO2(day oura.Date, opts ...DataOption) oura.DailySpO2 { return who(opts).DailySpO2(day) }

// DailyStress builds the time under stress and in recovery of the day, each a multiple of 15 minutes, and the word for
// it.
func DailyStress(day oura.Date, opts ...DataOption) oura.DailyStress {
	return who(opts).DailyStress(day)
}

// DailyResilience builds the resilience of the day; its level follows from the contributors.
func DailyResilience(day oura.Date, opts ...DataOption) oura.DailyResilience {
	return who(opts).DailyResilience(day)
}

// DailyCardiovascularAge builds the vascular age of the day, near the person's own. Live documents often have no id,
// see [WithoutID].
func DailyCardiovascularAge(day oura.Date, opts ...DataOption) oura.DailyCardiovascularAge {
	return who(opts).DailyCardiovascularAge(day)
}

// VO2Max builds an estimate made on the day.
func VO2Max(day oura.Date, opts ...DataOption) oura.VO2Max { return who(opts).VO2Max(day) }

// SleepTime builds the recommended bedtime for the day, around the person's habit. A document that has found none
// comes with [WithOnlyRequired].
func SleepTime(day oura.Date, opts ...DataOption) oura.SleepTime { return who(opts).SleepTime(day) }

// Workout builds a workout in the late afternoon of the day. Calories and distance follow from its length and
// intensity.
func Workout(day oura.Date, opts ...DataOption) oura.Workout { return who(opts).Workout(day) }

// Session builds a quiet moment around noon of the day, with samples over all of it.
func Session(day oura.Date, opts ...DataOption) oura.Session { return who(opts).Session(day) }

// Tag builds a tag of the older form, set on the day. See [WithoutOffset].
func Tag(day oura.Date, opts ...DataOption) oura.Tag { return who(opts).Tag(day) }

// EnhancedTag builds a tag that lasts half an hour, set on the day. See [WithoutOffset].
func EnhancedTag(day oura.Date, opts ...DataOption) oura.EnhancedTag {
	return who(opts).EnhancedTag(day)
}

// RestModePeriod builds three days of rest mode that begin on the day. With [WithoutEnd] they have no end yet.
func RestModePeriod(day oura.Date, opts ...DataOption) oura.RestModePeriod {
	return who(opts).RestModePeriod(day)
}

// PersonalInfo builds a profile. Its ID is the UserID of the person's webhook events.
func PersonalInfo(opts ...DataOption) oura.PersonalInfo { return who(opts).PersonalInfo() }

// RingConfiguration builds the person's ring.
func RingConfiguration(opts ...DataOption) oura.RingConfiguration {
	return who(opts).RingConfiguration()
}

// HeartRates builds the rows with from ≤ timestamp < to, in order: about 1,100 a day, one every five minutes of sleep
// and one a minute otherwise, none while the ring is charged. At night they are the samples of [Sleep].
func HeartRates(from, to time.Time, opts ...DataOption) []oura.HeartRate {
	return who(opts).HeartRates(from, to)
}

// RingBatteryLevels builds the rows with from ≤ timestamp < to, in order: one every ten minutes. The level falls by
// about a quarter a day and rises while the ring is charged.
func RingBatteryLevels(from, to time.Time, opts ...DataOption) []oura.RingBatteryLevel {
	return who(opts).RingBatteryLevels(from, to)
}
