package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"time"
)

// pageSize is how many rows a list reads at a time.
const pageSize = 500

// Grant is what a list says of a user. The token is not among it.
type Grant struct {
	UserID string
	// ExpiresAt is when the access token ends, in UTC and whole seconds; zero where that is not known, for it is used
	// until the service rejects it.
	ExpiresAt time.Time
	// DeadSince is when [Store.KeepFresh] found that the service no longer takes the refresh token; zero for grants
	// that live, as far as is known. A new grant that is saved makes it zero again.
	DeadSince time.Time
}

// Users lists everybody who has a grant, by user id in the order of its bytes.
//
// A list reads pages of 500 and holds no connection between them, so that its loop may use the store. It sees changes
// that are made meanwhile to users still to come. It can be ranged over again; an error ends it.
func (s *Store) Users(ctx context.Context) iter.Seq2[Grant, error] {
	return s.list(ctx, s.sql.users)
}

// Expiring lists the users whose access token ends within d, or has ended, as [Store.Users] does. Grants that are dead,
// and those whose end is not known, are left out.
func (s *Store) Expiring(ctx context.Context, d time.Duration) iter.Seq2[Grant, error] {
	return func(yield func(Grant, error) bool) {
		s.list(ctx, s.sql.expiring, time.Now().Add(d).Unix())(yield)
	}
}

// NeedConsent lists the users whose grant is dead, as [Store.Users] does: ask them to consent again and save the new
// grant, or delete them.
func (s *Store) NeedConsent(ctx context.Context) iter.Seq2[Grant, error] {
	return s.list(ctx, s.sql.dead)
}

func (s *Store) list(ctx context.Context, query string, more ...any) iter.Seq2[Grant, error] {
	return func(yield func(Grant, error) bool) {
		var page []Grant
		for last := ""; ; last = page[pageSize-1].UserID {
			err := s.patiently(ctx, func() (err error) {
				page, err = s.page(ctx, query, append([]any{last, pageSize}, more...))
				return err
			})
			if err != nil {
				yield(Grant{}, databaseError("list", err))
				return
			}
			for _, g := range page {
				if !yield(g, nil) {
					return
				}
			}
			if len(page) < pageSize {
				return
			}
		}
	}
}

func (s *Store) page(ctx context.Context, query string, args []any) (page []Grant, err error) {
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var g Grant
		var expires, dead sql.NullInt64
		if err := rows.Scan(&g.UserID, &expires, &dead); err != nil {
			return nil, err
		}
		g.ExpiresAt, g.DeadSince = instant(expires), instant(dead)
		page = append(page, g)
	}
	return page, rows.Err()
}

// instant is zero for null.
func instant(seconds sql.NullInt64) time.Time {
	if !seconds.Valid {
		return time.Time{}
	}
	return time.Unix(seconds.Int64, 0).UTC()
}
