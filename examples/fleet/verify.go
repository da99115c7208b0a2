package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/oura-go/sdk/oura/mirror"
)

// comparison is what is stored against what the service has.
type comparison struct {
	documents             int // stored
	missing, extra, stale int
}

func (c comparison) equal() bool { return c.missing+c.extra+c.stale == 0 }

func (c comparison) String() string {
	return fmt.Sprintf("%d documents stored: %d missing, %d too many, %d not the newest", c.documents, c.missing, c.extra, c.stale)
}

// compare reads both whole.
func (s *simulation) compare(ctx context.Context, m *mirror.Mirror, db *sql.DB) (c comparison, err error) {
	for i, user := range s.users {
		differences, err := m.Person(user.ID).Verify(ctx, s.clients[i], s.only)
		if errors.Is(err, mirror.ErrNoCopy) {
			c.missing++ // all of it
		} else if err != nil {
			return c, err
		}
		for _, d := range differences {
			switch d.Kind {
			case mirror.Missing:
				c.missing++
			case mirror.Extra:
				c.extra++
			default:
				c.stale++
			}
		}
	}
	for _, t := range s.types {
		var n int
		// The view of a collection, whose name is not the outside's.
		if err := db.QueryRowContext(ctx, "SELECT count(*) FROM oura_"+string(t)).Scan(&n); err != nil { //nolint:gosec // see above
			return c, err
		}
		c.documents += n
	}
	return c, nil
}
