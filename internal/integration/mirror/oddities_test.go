package mirror

import (
	"testing"
	"time"

	"github.com/oura-go/sdk/oura/ouratest"
)

// However odd the service is, the copy has what it has.
func TestOddService(t *testing.T) {
	t.Parallel()
	each(t, 20, func(w *world) {
		w.sync()
		w.same()
		w.service.Advance(3 * time.Hour) // what was late is there, and today's documents have changed
		w.sync()
		w.same()
	}, ouratest.WithData(ouratest.WithSharedTimestamps(), ouratest.WithUnknownEnums()),
		ouratest.WithUnknownProperties(), ouratest.WithLateRows(2*time.Hour), ouratest.WithPageSize("heartrate", 100))
}
