package mirror

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/oura-go/sdk/oura"
)

// Person is one person's copy. It is safe for concurrent use.
type Person struct {
	mirror *Mirror
	userID string
}

// Person returns the copy of a person, under the id that [oura.Client.PersonalInfo] gives and that webhook events
// carry, or [Sandbox]. It does no I/O and costs next to nothing: make one where it is needed.
func (m *Mirror) Person(userID string) *Person { return &Person{mirror: m, userID: userID} }

// Format names the type and not the person, under every verb.
func (p *Person) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "mirror.Person") }

// People returns the ids of all persons of whom there is a copy, in their order.
func (m *Mirror) People(ctx context.Context) ([]string, error) {
	return m.ids(ctx, `SELECT user_id FROM oura_mirror_people ORDER BY user_id`)
}

// Due returns the ids of the persons of whom there is a copy, and no [Person.Sync] that began within d and returned nil.
// They come in the order in which they were synced last, those first who never were.
func (m *Mirror) Due(ctx context.Context, d time.Duration) ([]string, error) {
	return m.ids(ctx, `SELECT user_id FROM oura_mirror_people WHERE synced_at <= ? ORDER BY synced_at, user_id`,
		m.clock().Add(-d).UnixMilli())
}

func (m *Mirror) ids(ctx context.Context, query string, args ...any) (all []string, err error) {
	err = m.query(ctx, query, args, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		all = append(all, id)
		return err
	})
	return all, databaseError("list the people", err)
}

// Synced returns when the last Sync began that returned nil, whatever it was to read: the zero time where there was none.
func (p *Person) Synced(ctx context.Context) (time.Time, error) {
	at, err := p.column(ctx, "synced_at")
	if err != nil || at == 0 {
		return time.Time{}, err
	}
	return time.UnixMilli(at), nil
}

// number is the person's key in the tables; [ErrNoCopy] where there is none.
func (p *Person) number(ctx context.Context) (int64, error) {
	n, err := p.column(ctx, "person")
	if err == nil && n == 0 {
		err = ErrNoCopy
	}
	return n, err
}

// column is a number of the person's row; 0 where there is none.
func (p *Person) column(ctx context.Context, name string) (n int64, err error) {
	err = p.mirror.query(ctx, `SELECT `+name+` FROM oura_mirror_people WHERE user_id = ?`, []any{p.userID},
		func(rows *sql.Rows) error { return rows.Scan(&n) })
	return n, databaseError("find the person", err)
}

// check refuses a client that reads another person's data, and an id that no person has.
func (p *Person) check(ctx context.Context, client *oura.Client) error {
	switch {
	case client == nil:
		return errors.New("oura/mirror: the client is nil: give the person's")
	case p.userID == "":
		return errors.New("oura/mirror: the person's id is empty: give the one that PersonalInfo returns")
	}
	owner, err := p.mirror.owners.of(ctx, client)
	switch {
	case err != nil:
		return fmt.Errorf("oura/mirror: whose client it is: %w", err)
	case owner != p.userID:
		return ErrOtherPerson
	}
	return nil
}
