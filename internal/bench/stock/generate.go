package stock

// This package is what oapi-codegen makes of openapi.yaml by itself: models of its own and ClientWithResponses. It is
// here to be measured.
//
//go:generate go tool -modfile=../../tools/go.mod oapi-codegen -config codegen.yaml ../../../openapi.yaml
