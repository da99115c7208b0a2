// Package api is the Oura API v2 as openapi.yaml describes it: its models, a raw client, and the few types that JSON
// and Go have no words for.
//
// Most programs import package oura instead, which names every type of this package again and adds paging, retries,
// limits and errors. Come here for the raw [Client], whose methods return *http.Response; oura.Client.API has one that
// sends through the same request path.
//
// The raw [Client], its options, parameters and request builders follow the description of the service, and may change in
// a minor version. The models, and the types that they need, do not.
//
// # Models
//
// A pointer means that the value may be null or absent. Unknown properties are ignored, and enums are open: a value
// that this version does not know decodes as it is, and its Valid method says false.
//
//   - [Date] is a civil day, such as the day that a document counts to.
//   - time.Time keeps the UTC offset that the service sent, which is the person's own.
//   - [LocalDateTime] is used where the offset may be missing.
//   - [Samples] is a series of numbers in which NaN marks a gap.
//   - [Sample.All], [Sleep.Phases5Min], [Sleep.Phases30Sec], [Sleep.Movements] and [DailyActivity.Classes] read series
//     and coded strings as pairs of instant and value.
//
// All models are plain values: safe to read concurrently, not to write.
package api
