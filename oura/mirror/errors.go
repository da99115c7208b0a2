package mirror

import (
	"context"
	"errors"
	"fmt"

	"github.com/oura-go/sdk/oura"
)

// What a program may want to tell apart. Errors of requests are those of package oura, and those of the database the
// driver's own; errors.As finds them. Their text says what to do: give the right to write, make room, or see to the
// database. No error quotes a value of a document or of the person.
var (
	// ErrOtherPerson: the client reads another person's data than that of the copy. Nothing was written.
	// Cure: give the client of the person whose id was given to [Mirror.Person].
	ErrOtherPerson = errors.New("oura/mirror: the client is another person's: give the one of the person whose copy this is")

	// ErrBusy: another Sync of the person is under way, and [NoWait] was given.
	// Cure: none; the other one does the work.
	ErrBusy = errors.New("oura/mirror: another Sync of this person is under way: wait for it, or leave the work to it")

	// ErrNoCopy: there is no copy of the person: it was never made, or [Person.Forget] has removed it.
	// Cure: call [Person.Sync] first, if the person still wants a copy.
	ErrNoCopy = errors.New("oura/mirror: there is no copy of this person: call Sync first, unless it was forgotten on purpose")

	// ErrNewerSchema: a newer version of this package has made the tables.
	// Cure: update the module.
	ErrNewerSchema = errors.New("oura/mirror: the tables are those of a newer version: update the module github.com/oura-go/sdk")
)

// databaseError names what was tried. Each write is a transaction, so nothing is half done.
func databaseError(what string, err error) error {
	switch {
	case err == nil, errors.Is(err, ErrBusy), errors.Is(err, ErrNoCopy):
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("oura/mirror: %s: %w", what, err)
	}
	return fmt.Errorf("oura/mirror: %s: %w; what was stored before is whole: %s and call again", what, err, cureOf(err))
}

// cureOf says what to do about an error of a database, as far as its code tells: SQLite's primary result code, or
// PostgreSQL's SQLSTATE.
func cureOf(err error) string {
	state := sqlState(err)
	switch code, _ := sqliteCode(err); {
	case code == sqliteReadOnly, state == "25006", state == "42501": // read_only_sql_transaction, insufficient_privilege
		return "open the database with the right to write"
	case code == sqliteFull, state == "53100": // disk_full
		return "make room for the database"
	}
	return "see to the database"
}

// skippable reports whether the other collections can still be read after a request has failed.
func skippable(err error) bool {
	return errors.Is(err, oura.ErrServer) || errors.Is(err, oura.ErrInvalidResponse) ||
		errors.Is(err, oura.ErrInvalidRequest) || errors.Is(err, oura.ErrNotFound)
}
