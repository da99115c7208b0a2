// Package duckdb reads what oura/mirror and examples/export write with DuckDB, which knows nothing of this module, and
// compares each value with what the service has. It is a module of its own, since DuckDB is 100 MB and needs cgo.
package duckdb
