package sqlstore

import "strings"

// Statement says what a query is for, so that a driver without SQL can answer it.
func Statement(query string) string {
	for _, s := range []*statements{&postgresql, &sqlite} {
		for name, text := range map[string]string{
			"begin": s.begin, "bounds": s.bounds, "lock": s.lock, "lock free": s.lockFree, "reserve": s.reserve,
			"load": s.load, "save": s.save, "rewrite": s.rewrite, "remove": s.remove, "bury": s.bury,
			"users": s.users, "expiring": s.expiring, "dead": s.dead,
			"mark": s.mark, "unmark": s.unmark,
			"migrated": s.migrated[0], "marks": strings.Join(s.migrated[1:], ""), "migration lock": s.migrationLock,
		} {
			// SQLite reads a row in the same way whether it is locked or not.
			if text == query && text != "" {
				return name
			}
		}
	}
	return query
}

// TurnsHeld counts the users whose turn somebody has or waits for.
func (s *Store) TurnsHeld() int {
	s.turns.mu.Lock()
	defer s.turns.mu.Unlock()
	return len(s.turns.taken)
}
