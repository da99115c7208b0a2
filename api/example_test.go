package api_test

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/oura-go/sdk/api"
)

func ExampleDate() {
	first, err := api.ParseDate("2024-02-28")
	if err != nil {
		fmt.Println(err)
		return
	}
	last := first.AddDays(2)
	fmt.Println(first, "to", last, "are", last.DaysSince(first)+1, "days")

	steps := map[api.Date]int{first: 9412} // dates are comparable
	fmt.Println(steps[api.Date{Year: 2024, Month: time.February, Day: 28}])
	// Output:
	// 2024-02-28 to 2024-03-01 are 3 days
	// 9412
}

func ExampleDate_In() {
	havana, err := time.LoadLocation("America/Havana")
	if err != nil {
		fmt.Println(err)
		return
	}
	// The clocks went back from 01:00 to midnight: the day had two midnights and 25 hours.
	day := api.Date{Year: 2018, Month: time.November, Day: 4}
	fmt.Println(day.In(havana).Format(time.RFC3339))
	fmt.Println(day.AddDays(1).In(havana).Sub(day.In(havana)))
	// Output:
	// 2018-11-04T00:00:00-04:00
	// 25h0m0s
}

func ExampleLocalDateTime_In() {
	// The end of a subscription has no offset: it is in UTC.
	ends, err := api.ParseLocalDateTime("2026-06-10T08:15:42.318")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(ends.HasOffset, ends.In(time.UTC).Format(time.RFC3339))
	// Output:
	// false 2026-06-10T08:15:42Z
}

func ExampleSamples() {
	var rates api.Samples
	if err := json.Unmarshal([]byte(`[52, null, 54.5]`), &rates); err != nil {
		fmt.Println(err)
		return
	}
	for _, rate := range rates {
		if math.IsNaN(rate) {
			fmt.Println("gap")
			continue
		}
		fmt.Println(rate)
	}
	// Output:
	// 52
	// gap
	// 54.5
}

func ExampleSample_All() {
	rates := api.Sample{
		Interval:  300, // s
		Items:     api.Samples{58, math.NaN(), 55},
		Timestamp: time.Date(2026, time.March, 11, 23, 55, 0, 0, time.FixedZone("", 2*60*60)),
	}
	for at, rate := range rates.All() {
		fmt.Println(at.Format("15:04"), rate)
	}
	// Output:
	// 23:55 58
	// 00:05 55
}

func ExampleSleep_Phases5Min() {
	night := api.Sleep{
		BedtimeStart:   time.Date(2026, time.March, 11, 23, 5, 0, 0, time.FixedZone("", 2*60*60)),
		SleepPhase5Min: new("4221"),
	}
	for at, phase := range night.Phases5Min() {
		fmt.Println(at.Format("15:04"), phase)
	}
	// Output:
	// 23:05 awake
	// 23:10 light
	// 23:15 light
	// 23:20 deep
}

func ExampleDailyActivity_Classes() {
	day := api.DailyActivity{
		Day:       api.Date{Year: 2026, Month: time.March, Day: 12},
		Timestamp: time.Date(2026, time.March, 12, 4, 0, 0, 0, time.FixedZone("", 2*60*60)),
		Class5Min: new("1123"),
	}
	for at, class := range day.Classes() {
		fmt.Println(at.Format("15:04"), class)
	}
	// Output:
	// 04:00 rest
	// 04:05 rest
	// 04:10 inactive
	// 04:15 low
}
