package mirror

import (
	"context"
	"errors"
)

// Forget removes everything of the person, in one transaction, and returns how many rows went; 0 where there was no
// copy. A Sync or Apply that is under way ends with [ErrNoCopy] and writes nothing more.
//
// It removes rows. What the database keeps of removed rows, in free pages, logs, replicas and backups, is the
// database's: the package comment says what to do. The grant is another matter: see oauth.Disconnect.
func (p *Person) Forget(ctx context.Context) (n int, err error) {
	person, err := p.number(ctx)
	if errors.Is(err, ErrNoCopy) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	err = p.mirror.transaction(ctx, func(tx *tx) error {
		n = 0
		if _, err := draw(tx, person); errors.Is(err, ErrNoCopy) {
			return nil // somebody else was faster
		} else if err != nil {
			return err
		}
		for _, table := range []string{"oura_mirror_documents", "oura_mirror_series", "oura_mirror_copies", "oura_mirror_people"} {
			rows, err := tx.affected(`DELETE FROM `+table+` WHERE person = ?`, person)
			if err != nil {
				return err
			}
			n += rows
		}
		return nil
	})
	if err != nil {
		return 0, databaseError("forget", err)
	}
	return n, nil
}
