// Package contract holds requests and answers against openapi.yaml.
//
// It is a module of its own, so that users of the SDK do not get the validator. Its tests hold every fixture, many
// deliberate mistakes and everything that the test kit serves against the document.
//
// # OpenAPI 3.1
//
// The validator of kin-openapi uses JSON Schema 2020-12 for documents of OpenAPI 3.1, but goes back to its older
// validator, which has the semantics of OpenAPI 3.0, wherever a schema refers to another one. [Load] therefore puts
// every schema in the place of its references, as the document has no circles. All differences are then those of the
// JSON Schema validator, each with the place of the value.
//
// Three formats are checked by the SDK's own readers: date is a day of the calendar, date-time is RFC 3339 with an
// offset, local-date-time may lack it.
package contract
