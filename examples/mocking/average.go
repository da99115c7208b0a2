package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/oura-go/sdk/oura"
)

// average is the sleep of some days.
type average struct {
	asleep time.Duration // a day, naps included
	days   int           // with any sleep
	broken int           // documents that could not be read
}

func (a average) String() string {
	if a.days == 0 {
		return "no sleep was recorded"
	}
	text := fmt.Sprintf("%v asleep on average of %d days", a.asleep.Round(time.Minute), a.days)
	if a.broken > 0 {
		text += fmt.Sprintf(", without %d documents that could not be read", a.broken)
	}
	return text
}

// averageSleep adds up all sleep of each day, as there can be a night and a nap.
func averageSleep(ctx context.Context, client *oura.Client, first, last oura.Date) (average, error) {
	var a average
	perDay := map[oura.Date]time.Duration{}
	for doc, err := range client.Sleep.List(ctx, oura.Days(first, last)) {
		var bad *oura.DocumentError
		switch {
		case errors.As(err, &bad):
			a.broken++
			continue
		case err != nil:
			return average{}, fmt.Errorf("average sleep: %w", err)
		case oura.Or(doc.Type, "") == oura.SleepTypeDeleted:
			continue
		}
		perDay[doc.Day] += oura.Or(doc.TotalSleepDuration, 0).Duration()
	}
	for _, d := range perDay {
		a.asleep += d
	}
	if a.days = len(perDay); a.days > 0 {
		a.asleep /= time.Duration(a.days)
	}
	return a, nil
}
