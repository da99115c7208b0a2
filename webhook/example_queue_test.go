package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/oura-go/sdk/webhook"
)

// A receiver without a job system, and how it ends without losing events: first
// the server, so that nothing comes in any more, then the queue.
func ExampleQueue() {
	const secret = "the application's client secret"

	queue := webhook.NewQueue(1000, 4, func(ctx context.Context, ev webhook.Event) error {
		ctx, cancel := context.WithTimeout(ctx, time.Minute) // Handler.Timeout does not reach here
		defer cancel()
		return fetchAndStore(ctx, ev)
	})
	queue.OnError = func(ev webhook.Event, err error) {
		log.Printf("%s %s: %v", ev.DataType, ev.ObjectID, err) // and store it, to try again
	}

	var config net.ListenConfig
	listener, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{
		Handler:     &webhook.Handler{ClientSecret: secret, Handle: queue.Enqueue},
		ReadTimeout: 10 * time.Second,
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	deliver("http://"+listener.Addr().String(), secret)

	// In your program, after <-ctx.Done() of signal.NotifyContext:
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		log.Print(err)
	}
	if err := queue.Close(ctx); err != nil {
		if unhandled, ok := errors.AsType[*webhook.UnhandledError](err); ok {
			log.Printf("%d events to store for the next start", len(unhandled.Events))
		}
	}
	fmt.Println(<-served)
	// Output:
	// stored daily_sleep a1
	// http: Server closed
}

func fetchAndStore(_ context.Context, ev webhook.Event) error {
	fmt.Println("stored", ev.DataType, ev.ObjectID)
	return nil
}

// deliver does what Oura does.
func deliver(url, secret string) {
	body := `{"event_type":"update","data_type":"daily_sleep","object_id":"a1","user_id":"u1"}`
	timestamp := strconv.FormatInt(time.Now().UnixMilli(), 10)
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	r.Header.Set(webhook.TimestampHeader, timestamp)
	r.Header.Set(webhook.SignatureHeader, webhook.Sign(secret, timestamp, []byte(body)))
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		log.Fatal(resp.Status)
	}
}
