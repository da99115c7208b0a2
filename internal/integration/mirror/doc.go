// Package mirror tests oura/mirror against real databases: the same tests over SQLite and PostgreSQL, with the fake
// service of ouratest.
//
//	OURA_TEST_POSTGRES='postgres://postgres@127.0.0.1:5432/test?sslmode=disable' \
//	go test -C internal/integration -race -count=1 -v ./mirror
//
// Without OURA_TEST_POSTGRES, its half is skipped and says so.
package mirror
