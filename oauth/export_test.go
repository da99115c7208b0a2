package oauth

// Sizes is how many users are known, and how many sources are kept within the bounds and beyond them.
func (s *Sources) Sizes() (known, within, beyond int) {
	r := s.users
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.users {
		if p.kept != nil && p.recent == nil {
			beyond++
		}
	}
	return len(r.users), r.recent.Len(), beyond
}
