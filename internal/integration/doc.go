// Package integration tests what the SDK promises about engines against real
// ones: PostgreSQL and SQLite for oauth/sqlstore and, in the folder mirror, for
// oura/mirror; Redis for oura/redislimit; and a module proxy for go get.
//
//	OURA_TEST_POSTGRES='postgres://postgres@127.0.0.1:5432/test?sslmode=disable' \
//	OURA_TEST_REDIS=127.0.0.1:6379 \
//	go test -C internal/integration -race -count=1 -v ./...
//
// A test whose address is not set is skipped and says so. Tests make a schema
// or keys of their own and remove them. "-v" prints the numbers that were
// measured: refreshes, reuses, kills, losses, requests in a window.
//
// Processes are the test binary itself in another role.
package integration
