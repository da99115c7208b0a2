package main

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// visits says who is to be reconciled next. Any number of reconcilers share it.
type visits struct{ db *sql.DB }

// enroll adds persons who have a grant and no place yet, spread over the interval so that not all come due at once.
func (v visits) enroll(ctx context.Context, every time.Duration) error {
	_, err := v.db.ExecContext(ctx, `
		INSERT INTO fleet_visits (user_id, due)
		SELECT user_id, clock_timestamp() + random() * make_interval(secs => $1) FROM oura_grants
		ON CONFLICT (user_id) DO NOTHING`, every.Seconds())
	return err
}

// next takes the person who has been due the longest; "" if nobody is. Should the process die, the visit is due again
// after the lease.
func (v visits) next(ctx context.Context, lease time.Duration) (user string, err error) {
	err = v.db.QueryRowContext(ctx, `
		UPDATE fleet_visits SET due = clock_timestamp() + make_interval(secs => $1)
		WHERE user_id = (
			SELECT user_id FROM fleet_visits WHERE due <= clock_timestamp()
			ORDER BY due LIMIT 1 FOR UPDATE SKIP LOCKED)
		RETURNING user_id`, lease.Seconds()).Scan(&user)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return user, err
}

func (v visits) done(ctx context.Context, user string, every time.Duration) error {
	_, err := v.db.ExecContext(ctx, `UPDATE fleet_visits SET due = clock_timestamp() + make_interval(secs => $2) WHERE user_id = $1`,
		user, every.Seconds())
	return err
}

// forget drops a person who has no grant any more.
func (v visits) forget(ctx context.Context, user string) error {
	_, err := v.db.ExecContext(ctx, `DELETE FROM fleet_visits WHERE user_id = $1`, user)
	return err
}
