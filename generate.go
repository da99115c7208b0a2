// Package sdk is the root of the Oura Go SDK, a client for the Oura API v2: sleep, activity, readiness, heart rate and
// all else that an Oura Ring tells. It holds no code itself:
//
//   - [github.com/oura-go/sdk/oura] reads data and manages webhook subscriptions. Begin there, with the fields of Client.
//   - [github.com/oura-go/sdk/oura/mirror] keeps a copy in a database of yours.
//   - [github.com/oura-go/sdk/oura/ouratest] is for tests: a mock, and a fake service that needs no account.
//   - [github.com/oura-go/sdk/oauth] signs people in and keeps their tokens,
//     [github.com/oura-go/sdk/oauth/sqlstore] in a database.
//   - [github.com/oura-go/sdk/webhook] receives events.
//   - [github.com/oura-go/sdk/api] has the models, and a raw client for every operation.
//   - github.com/oura-go/sdk/oura/redislimit, a module of its own, shares the rate limit between machines.
//
// A week of sleep, from a fake service, without an account and without a network:
//
//	go run github.com/oura-go/sdk/examples/quickstart@latest
//
// The pages in the repository answer questions by subject:
// https://github.com/oura-go/sdk/blob/main/docs/README.md
package sdk

//go:generate go tool -modfile=internal/tools/go.mod oapi-codegen -config internal/tools/codegen/models.yaml openapi.yaml
//go:generate go tool -modfile=internal/tools/go.mod oapi-codegen -config internal/tools/codegen/client.yaml openapi.yaml
//go:generate go run -C internal/tools ./doccomment ../../openapi.yaml ../../api/models.gen.go ../../api/client.gen.go
//go:generate go run -C internal/tools ./endpoints -C ../..
