package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oauth/sqlstore"
)

// Set up the store when the program starts. The driver is the program's choice:
// here it has imported github.com/jackc/pgx/v5/stdlib.
func Example() {
	ctx := context.Background()
	var key []byte // 32 bytes from the program's secret store

	db, err := sql.Open("pgx", "postgres://app@db.internal/app")
	if err != nil {
		slog.Error("database", "error", err)
		return
	}
	defer db.Close()
	if err := sqlstore.Migrate(ctx, db, sqlstore.PostgreSQL); err != nil {
		slog.Error("migrate", "error", err)
		return
	}
	store, err := sqlstore.New(db, sqlstore.PostgreSQL, sqlstore.WithSealing(key))
	if err != nil {
		slog.Error("store", "error", err)
		return
	}
	_ = store
}

// A user has consented: keep the grant. Later a job takes its tokens from there.
func ExampleStore_For() {
	var store *sqlstore.Store // as in the example of the package
	var cfg *oauth2.Config

	consented := func(ctx context.Context, userID string, token *oauth2.Token) error {
		return store.For(userID).Save(ctx, token)
	}
	job := func(ctx context.Context, userID string) error {
		source, err := oauth.NewTokenSource(ctx, cfg, store.For(userID))
		if err != nil {
			return err
		}
		_, err = source.TokenContext(ctx) // or oura.WithTokenSource(source)
		var unsaved *oauth.SaveError
		if errors.As(err, &unsaved) {
			// The database was away just after a refresh. A job that is about to
			// end must not take the only copy with it.
			return store.For(userID).Save(ctx, unsaved.Token)
		}
		return err
	}
	_, _ = consented, job
}

// Refresh each hour what ends within two, in every replica: users whom one has,
// the others skip.
func ExampleStore_KeepFresh() {
	var store *sqlstore.Store // as in the example of the package
	var cfg *oauth2.Config

	keepFresh := func(ctx context.Context) {
		for tick := time.NewTicker(time.Hour); ctx.Err() == nil; {
			report, err := store.KeepFresh(ctx, cfg, 2*time.Hour, 8)
			if err != nil {
				slog.ErrorContext(ctx, "keep fresh", "error", err)
			}
			if report != nil {
				slog.InfoContext(ctx, "kept fresh", "refreshed", report.Refreshed,
					"skipped", report.Skipped, "failed", len(report.Errors))
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		}
	}
	_ = keepFresh
}

// The application's tokens were refreshed at Cloud until now. Its processes get the configuration of Moi one after the
// other, and meanwhile all grants are moved.
func ExampleStore_Move() {
	var store *sqlstore.Store // as in the example of the package

	move := func(ctx context.Context) error {
		n, err := store.Move(ctx, oauth.Cloud.TokenURL, oauth.Moi.TokenURL)
		slog.InfoContext(ctx, "moved", "grants", n)
		return err // call it again: what is moved stays so
	}
	_ = move
}
