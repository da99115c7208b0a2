package oura

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestCrowdOfOneClient: 200 goroutines ask as fast as they may, some of them after a pause, and no five minutes see more
// requests than the service allows.
func TestCrowdOfOneClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const most, window = 5000, 5 * time.Minute
		var mu sync.Mutex
		var sent []time.Time
		c, err := NewClient(WithAccessToken(testToken), WithRetry(NoRetry), over(roundTripper(func(*http.Request) (*http.Response, error) {
			mu.Lock()
			defer mu.Unlock()
			sent = append(sent, time.Now())
			return answer(200, `{"id":"a"}`), nil
		})))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*window)
		defer cancel()
		var crowd sync.WaitGroup
		for i := range 200 {
			crowd.Go(func() {
				time.Sleep(time.Duration(i%4) * window / 3)
				for ctx.Err() == nil {
					if _, err := c.PersonalInfo(ctx); err != nil {
						return // the end is nearer than its turn
					}
					time.Sleep(time.Duration(i) * time.Millisecond)
				}
			})
		}
		crowd.Wait()
		busiest, first := 0, 0
		for i, at := range sent {
			for at.Sub(sent[first]) >= window {
				first++
			}
			busiest = max(busiest, i-first+1)
		}
		t.Logf("%d requests, %d in the busiest five minutes", len(sent), busiest)
		if busiest > most || busiest < most*9/10 {
			t.Errorf("%d requests in the busiest five minutes, want %d at most and not much less", busiest, most)
		}
	})
}
