// Package sdk is the root of the Oura Go SDK and holds no code: see the packages oura, oauth and webhook.
package sdk

//go:generate go tool -modfile=internal/tools/go.mod oapi-codegen -config internal/tools/codegen/models.yaml openapi.yaml
//go:generate go tool -modfile=internal/tools/go.mod oapi-codegen -config internal/tools/codegen/client.yaml openapi.yaml
//go:generate go run -C internal/tools ./doccomment ../../openapi.yaml ../../api/models.gen.go ../../api/client.gen.go
//go:generate go run -C internal/tools ./endpoints -C ../..
