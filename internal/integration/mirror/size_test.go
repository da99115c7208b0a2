package mirror

import (
	"testing"

	"github.com/oura-go/sdk/oura/mirror"
)

// What a copy takes, indexes included. The limits are twice what is measured.
func TestSize(t *testing.T) {
	t.Parallel()
	each(t, 60, func(w *world) {
		size := func() int {
			if w.database.Dialect == mirror.PostgreSQL {
				return w.number(`SELECT pg_total_relation_size('oura_mirror_documents') + pg_total_relation_size('oura_mirror_series')`)
			}
			return w.number(`SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`)
		}
		empty := size()
		w.sync(mirror.Only("heartrate"))
		rows := w.number(`SELECT sum("rows") FROM oura_mirror_series`)
		series := size()
		w.sync(mirror.Only("daily_activity"))
		days := w.number(`SELECT count(*) FROM oura_mirror_documents`)
		activity := size()
		w.sync(mirror.Only("daily_sleep", "daily_readiness", "daily_stress", "daily_spo2", "daily_resilience", "sleep_time"))
		all := w.number(`SELECT count(*) FROM oura_mirror_documents`)
		perRow := float64(series-empty) / float64(rows)
		perActivity, perOther := (activity-series)/days, (size()-activity)/(all-days)
		w.Logf("%.0f bytes for each row of heart rate, %d for a daily activity, %d for other daily documents", perRow, perActivity, perOther)
		if perRow > 150 || perActivity > 25_000 || perOther > 2_500 {
			w.Error("a copy takes more than twice of what it did")
		}
	})
}
