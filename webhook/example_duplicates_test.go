package webhook_test

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/oura-go/sdk/webhook"
)

// handledEvents keeps the filter in a table, so that all receivers share it and
// a restart forgets nothing:
//
//	CREATE TABLE handled_events (key text PRIMARY KEY, handled_at timestamptz NOT NULL)
//
// Rows older than a few hours can be deleted by a job.
type handledEvents struct{ db *sql.DB }

func (h handledEvents) Seen(ctx context.Context, key string) (bool, error) {
	var found int
	err := h.db.QueryRowContext(ctx, `SELECT 1 FROM handled_events WHERE key = $1`, key).Scan(&found)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

func (h handledEvents) Mark(ctx context.Context, key string) error {
	_, err := h.db.ExecContext(ctx,
		`INSERT INTO handled_events (key, handled_at) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING`, key, time.Now())
	return err
}

// A filter of your own, where more than one process receives.
func ExampleDuplicates() {
	var db *sql.DB // opened with your driver

	_ = &webhook.Handler{
		ClientSecret:      "the application's client secret",
		VerificationToken: "the subscription's verification token",
		Duplicates:        handledEvents{db},
		Handle:            func(context.Context, webhook.Event) error { return nil },
	}
}

// A filter in the memory of one process, for two thousand events of the last
// three hours.
func ExampleNewDuplicates() {
	_ = &webhook.Handler{
		ClientSecret: "the application's client secret",
		Duplicates:   webhook.NewDuplicates(2000, 3*time.Hour),
	}
}
