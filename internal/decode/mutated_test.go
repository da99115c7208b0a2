package decode

import (
	"math/rand/v2"
	"testing"

	"github.com/oura-go/sdk/internal/fixtures"
)

// TestMutatedPages changes pages at random, and decodes each in the fast way, the general way and by encoding/json. The
// nightly fuzzing does more of it; -count=100 is two million pages.
func TestMutatedPages(t *testing.T) {
	t.Parallel()
	pages := 20_000
	if testing.Short() {
		pages = 2_000
	}
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	pieces := []string{"null", "{}", "[]", "1", "-0", "1e9", "12.0", `"`, `\`, "{", "}", "[", "]", ",", ":", " ", "\x00", "\xff", `\u0000`, `"day":`, "true", "é"}
	done := 0
	for done < pages {
		m := models[r.IntN(len(models))]
		kinds := m.kinds()
		doc := fixtures.Document(m.collection, kinds[r.IntN(len(kinds))])
		body := doc
		if m.collection != fixtures.PersonalInfo {
			body = fixtures.Page(m.collection, nil, doc, doc)
		}
		for range 10 {
			changed := append([]byte(nil), body...)
			for range 1 + r.IntN(3) {
				at := r.IntN(len(changed))
				end := min(len(changed), at+r.IntN(8))
				piece := pieces[r.IntN(len(pieces))]
				changed = append(append(append([]byte(nil), changed[:at]...), piece...), changed[end:]...)
			}
			m.page(t, changed)
			m.document(t, changed)
			done++
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}
