// Package ouratest lets programs that use package oura be tested without an account and without a network.
//
// Three things, from small to large:
//
//   - Builders make plausible documents: [Sleep], [DailyActivity], [HeartRates] and one for every collection. The same day of
//     the same person is always the same, and all documents of a day agree with each other.
//   - [New] makes a mock for one test. It mirrors the fields of oura.Client, holds what the test adds, one document or
//     days of all of them, and can fail on purpose, see [Fault]. Nothing leaves the process, so it works in a
//     testing/synctest bubble.
//   - [NewService] starts a whole fake Oura behind a real listener: a year of data, OAuth, sandbox, rate limit,
//     webhooks. It needs no testing.T; the program in cmd/fakeoura is the same for tests in other languages, which drive
//     it over HTTP.
//
// Mock and service answer from the same code, oddities of the real service included: bare end dates that are exclusive
// on some collections and inclusive on others, filters by UTC instant, missing keys, a missing scope as a 401. Documents of
// the service's today go on changing until the day is over. [WithSharedTimestamps], [WithLateRows] and
// [WithUnknownProperties] ask for more.
//
// Everything here is made up. No data of a real person is in it.
package ouratest
