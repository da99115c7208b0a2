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
	documents int // stored
	differ    map[mirror.DifferenceKind]int
}

func (c comparison) equal() bool { return len(c.differ) == 0 }

func (c comparison) String() string {
	return fmt.Sprintf("%d documents stored: %d missing, %d too many, %d not the newest",
		c.documents, c.differ[mirror.Missing], c.differ[mirror.Extra], c.differ[mirror.Stale])
}

// compare reads both whole.
func (s *simulation) compare(ctx context.Context, m *mirror.Mirror, db *sql.DB) (comparison, error) {
	c := comparison{differ: map[mirror.DifferenceKind]int{}}
	for i, user := range s.users {
		differences, err := m.Person(user.ID).Verify(ctx, s.clients[i], mirror.Only(s.types...))
		if errors.Is(err, mirror.ErrNoCopy) {
			c.differ[mirror.Missing]++ // all of it
		} else if err != nil {
			return c, err
		}
		for _, d := range differences {
			c.differ[d.Kind]++
		}
	}
	for _, t := range s.types {
		var n int
		// The mirror has a view of each collection.
		if err := db.QueryRowContext(ctx, "SELECT count(*) FROM oura_"+t).Scan(&n); err != nil { //nolint:gosec // a type of the simulation's
			return c, err
		}
		c.documents += n
	}
	return c, nil
}
