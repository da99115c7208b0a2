// Package stock is what oapi-codegen makes of openapi.yaml by itself: models of its own and ClientWithResponses. It is
// here to be measured. The bench generates it; it is not committed.
package stock

import _ "github.com/oapi-codegen/runtime" // what is generated imports it, so go.mod lists it
