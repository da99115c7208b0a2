package redislimit_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/redislimit"
)

func Example_program() {
	rdb := redis.NewClient(&redis.Options{Addr: os.Getenv("REDIS_ADDR"), ContextTimeoutEnabled: true})
	defer rdb.Close()
	limiter, err := redislimit.New(rdb, 4) // processes that ask Oura, at the most
	if err != nil {
		log.Fatal(err)
	}

	// A client for each person, with the limiter of all.
	client, err := oura.NewClient(oura.WithAccessToken(os.Getenv("OURA_ACCESS_TOKEN")), oura.WithLimiter(limiter.For("ann")))
	if err != nil {
		log.Fatal(err)
	}
	for night, err := range client.Sleep.List(context.Background(), oura.LastDays(7, time.Local)) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(night.Day, oura.Or(night.TotalSleepDuration, 0).Duration())
	}
}
