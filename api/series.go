package api

import (
	"iter"
	"math"
	"time"
)

// SleepPhase is a code of the sleep_phase strings: the stage of sleep during one interval. It is open: a code that this
// version does not know passes through.
type SleepPhase byte

// Stages of sleep.
const (
	SleepPhaseDeep  SleepPhase = '1'
	SleepPhaseLight SleepPhase = '2'
	SleepPhaseREM   SleepPhase = '3'
	SleepPhaseAwake SleepPhase = '4'
)

// Valid reports whether the code is one of the constants.
func (p SleepPhase) Valid() bool { return p >= SleepPhaseDeep && p <= SleepPhaseAwake }

// String returns "deep", "light", "REM" or "awake", and the bare code for another one.
func (p SleepPhase) String() string { return codeName(byte(p), '1', "deep", "light", "REM", "awake") }

// SleepMovement is a code of movement_30_sec: how much the person moved during 30 s. It is open.
type SleepMovement byte

// Amounts of movement.
const (
	SleepMovementNone     SleepMovement = '1'
	SleepMovementRestless SleepMovement = '2'
	SleepMovementTossing  SleepMovement = '3'
	SleepMovementActive   SleepMovement = '4'
)

// Valid reports whether the code is one of the constants.
func (m SleepMovement) Valid() bool { return m >= SleepMovementNone && m <= SleepMovementActive }

// String returns "none", "restless", "tossing" or "active", and the bare code for another one.
func (m SleepMovement) String() string {
	return codeName(byte(m), '1', "none", "restless", "tossing", "active")
}

// ActivityClass is a code of class_5_min: how active the person was during five minutes. It is open.
type ActivityClass byte

// Classes of activity.
const (
	ActivityClassNonWear  ActivityClass = '0'
	ActivityClassRest     ActivityClass = '1'
	ActivityClassInactive ActivityClass = '2'
	ActivityClassLow      ActivityClass = '3'
	ActivityClassMedium   ActivityClass = '4'
	ActivityClassHigh     ActivityClass = '5'
)

// Valid reports whether the code is one of the constants.
func (c ActivityClass) Valid() bool { return c >= ActivityClassNonWear && c <= ActivityClassHigh }

// String returns "non-wear", "rest", "inactive", "low", "medium" or "high", and the bare code for another one.
func (c ActivityClass) String() string {
	return codeName(byte(c), '0', "non-wear", "rest", "inactive", "low", "medium", "high")
}

func codeName(code, first byte, names ...string) string {
	if i := int(code) - int(first); i >= 0 && i < len(names) {
		return names[i]
	}
	return string(rune(code))
}

// Phases5Min yields the beginning and the stage of each five minutes from BedtimeStart, as SleepPhase5Min has them.
// Nothing is yielded where the string is absent.
func (s Sleep) Phases5Min() iter.Seq2[time.Time, SleepPhase] {
	return codes[SleepPhase](s.SleepPhase5Min, s.BedtimeStart, 5*time.Minute)
}

// AppPhases5Min is [Sleep.Phases5Min] for AppSleepPhase5Min, the stages as the app shows them.
func (s Sleep) AppPhases5Min() iter.Seq2[time.Time, SleepPhase] {
	return codes[SleepPhase](s.AppSleepPhase5Min, s.BedtimeStart, 5*time.Minute)
}

// Phases30Sec yields the beginning and the stage of each 30 s from BedtimeStart, as SleepPhase30Sec has them.
func (s Sleep) Phases30Sec() iter.Seq2[time.Time, SleepPhase] {
	return codes[SleepPhase](s.SleepPhase30Sec, s.BedtimeStart, 30*time.Second)
}

// Movements yields the beginning of each 30 s from BedtimeStart and how much the person moved, as Movement30Sec has it.
func (s Sleep) Movements() iter.Seq2[time.Time, SleepMovement] {
	return codes[SleepMovement](s.Movement30Sec, s.BedtimeStart, 30*time.Second)
}

// Classes yields the beginning and the class of each five minutes of the day of activity, as Class5Min has them. The
// first is 04:00 of Day at the UTC offset of Timestamp; where Day is missing it is Timestamp itself.
func (d DailyActivity) Classes() iter.Seq2[time.Time, ActivityClass] {
	start := d.Timestamp
	if !d.Day.IsZero() {
		start = time.Date(d.Day.Year, d.Day.Month, d.Day.Day, 4, 0, 0, 0, d.Timestamp.Location())
	}
	return codes[ActivityClass](d.Class5Min, start, 5*time.Minute)
}

func codes[C ~byte](s *string, start time.Time, step time.Duration) iter.Seq2[time.Time, C] {
	return func(yield func(time.Time, C) bool) {
		if s == nil {
			return
		}
		for i := range len(*s) {
			if !yield(start.Add(time.Duration(i)*step), C((*s)[i])) {
				return
			}
		}
	}
}

// All yields the instant and the value of each item, without the gaps. Instants have the location of Timestamp. Item i
// is at Timestamp + i × Interval.
func (s Sample) All() iter.Seq2[time.Time, float64] {
	return func(yield func(time.Time, float64) bool) {
		for i, v := range s.Items {
			if math.IsNaN(v) {
				continue
			}
			if !yield(s.Timestamp.Add(seconds(float64(i)*s.Interval)), v) {
				return
			}
		}
	}
}

func seconds(s float64) time.Duration { return time.Duration(math.Round(s * float64(time.Second))) }
