package ouratest_test

import (
	"fmt"
	"time"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
)

// All that happened to one person on a day: the documents agree with each other.
func ExampleDailyActivity() {
	day, ada := oura.Date{Year: 2026, Month: time.May, Day: 4}, ouratest.WithPerson("ada")
	fmt.Println("day   ", ouratest.DailyActivity(day, ada).Day, ouratest.DailySleep(day, ada).Day, ouratest.DailyReadiness(day, ada).Day)
	fmt.Println("night ", *ouratest.Sleep(day, ada).Type, *ouratest.Nap(day, ada).Type, *ouratest.SleepTime(day, ada).Status != "")
	fmt.Println("body  ", ouratest.DailySpO2(day, ada).Day, ouratest.DailyCardiovascularAge(day, ada).Day, ouratest.VO2Max(day, ada).Day)
	fmt.Println("stress", ouratest.DailyStress(day, ada).Day, ouratest.DailyResilience(day, ada).Day, ouratest.RestModePeriod(day, ada).StartDay)
	fmt.Println("moment", ouratest.Workout(day, ada).Day, ouratest.Session(day, ada).Day, ouratest.Tag(day, ada).Day, ouratest.EnhancedTag(day, ada).StartDay)
	fmt.Println("person", ouratest.PersonalInfo(ada).ID != ouratest.PersonalInfo().ID, ouratest.RingConfiguration(ada).ID != "")
	// Output:
	// day    2026-05-04 2026-05-04 2026-05-04
	// night  long_sleep late_nap true
	// body   2026-05-04 2026-05-04 2026-05-04
	// stress 2026-05-04 2026-05-04 2026-05-04
	// moment 2026-05-04 2026-05-04 2026-05-04 2026-05-04
	// person true true
}

// The rows of two hours of the person's day, where the person lives. The service writes the instants of rows in UTC.
func ExampleHeartRates() {
	helsinki := time.FixedZone("EEST", 3*3600)
	from := time.Date(2026, time.May, 4, 12, 0, 0, 0, helsinki)
	rows := ouratest.HeartRates(from, from.Add(2*time.Hour), ouratest.WithZone(helsinki))
	fmt.Println(len(rows) > 0, rows[0].Timestamp.Format(time.RFC3339))

	charge := ouratest.RingBatteryLevels(from, from.Add(2*time.Hour), ouratest.WithZone(helsinki), ouratest.WithoutTimestampUnix())
	fmt.Println(len(charge) > 0, charge[0].TimestampUnix == nil)
	// Output:
	// true 2026-05-04T09:00:00Z
	// true true
}

// The oddities of live data, so that a program is tested against them.
func ExampleDataOption() {
	day := oura.Date{Year: 2026, Month: time.May, Day: 4}
	bed, up := time.Date(2026, time.May, 3, 23, 0, 0, 0, time.UTC), time.Date(2026, time.May, 4, 7, 0, 0, 0, time.UTC)

	fmt.Println("asleep from", ouratest.Sleep(day, ouratest.WithBedtime(bed, up)).BedtimeStart.Format(time.TimeOnly))
	fmt.Println("still asleep", ouratest.Sleep(day, ouratest.WithoutEnd()).BedtimeEnd == nil)
	fmt.Println("no score", ouratest.DailySleep(day, ouratest.WithoutScore()).Score == nil)
	fmt.Println("no id", ouratest.DailyCardiovascularAge(day, ouratest.WithoutID()).ID == nil)
	fmt.Println("no zone", ouratest.Tag(day, ouratest.WithoutOffset()).Timestamp.HasOffset)
	fmt.Println("only what is always there", ouratest.Sleep(day, ouratest.WithOnlyRequired()).AverageHRV == nil)
	fmt.Println("a type that is newer than the module", *ouratest.Sleep(day, ouratest.WithUnknownEnums()).Type)
	// Output:
	// asleep from 23:00:00
	// still asleep true
	// no score true
	// no id true
	// no zone false
	// only what is always there true
	// a type that is newer than the module made_up
}
