// Package oura reads Oura Ring data from the Oura API v2: sleep, activity, readiness, heart rate and all other
// collections, and manages webhook subscriptions.
//
//	client, err := oura.NewClient(oura.WithTokenSource(ts))
//	today := oura.Today(time.Local)
//	for night, err := range client.Sleep.List(ctx, oura.Days(today.AddDays(-6), today)) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(night.Day, oura.Or(night.TotalSleepDuration, 0))
//	}
//
// # Collections
//
// Each field of [Client] is one collection, with its path and the scope that it needs. [Documents] have List, Pages and
// Get; a [TimeSeries] has List, Pages and Latest. Each model, such as [Sleep], [DailyActivity] or [HeartRate], lists its
// fields with their units. A field or a collection that this package does not know is read with [As] and [NewDocuments].
//
// # Days and instants
//
// A [Date] is a civil day in the person's own time zone. [Days] includes both its ends on every collection, whatever
// the service thinks of its end date. [Between] is half-open and may be of any length: it is asked for in windows that
// the service accepts. Never derive a document's day from its timestamp.
//
// # Values
//
// A pointer is nil where the service sent null or nothing; [Or] reads it with a fallback. A series of samples has NaN
// for a gap. Enums are open: a value that is newer than this module passes through, and its Valid method says false.
// Properties that are newer are ignored.
//
// # Errors
//
// Every failed request is an *[Error] and matches exactly one of the Err variables, whose documentation says what to
// do. A document that does not fit its model is a *[DocumentError], which costs only that document.
//
// # What happens to a request
//
// Each attempt waits for the rate limiter, gets a fresh authorization, is sent, and has its response read whole. Safe
// requests are retried, see [RetryPolicy]. Redirects are not followed. Nothing secret and no health value is printed by
// anything in this package, under any verb.
//
// # Testing
//
// Package [github.com/oura-go/sdk/oura/ouratest] has a mock client and a fake service, so that programs can be tested,
// and tried, without an account.
//
// # More
//
// Package [github.com/oura-go/sdk/oauth] signs people in, [github.com/oura-go/sdk/webhook] receives events, and
// [github.com/oura-go/sdk/oura/mirror] keeps a copy in a database. Pages by subject, from registering an application to
// deleting a person: https://github.com/oura-go/sdk/blob/main/docs/README.md
package oura
