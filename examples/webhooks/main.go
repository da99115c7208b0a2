// Webhooks receives events and reads the documents behind them.
//
//	go run ./examples/webhooks              until you press Ctrl-C
//	go run ./examples/webhooks -events 6    until so many events were handled
//
// Without settings the fake service that comes with this module takes the subscriptions and delivers an event every
// second, each one twice, as the real one does now and then.
//
// For your own account set OURA_CLIENT_ID and OURA_CLIENT_SECRET, run the login example, and set OURA_WEBHOOK_URL to
// the https address at which Oura reaches this program, and OURA_VERIFICATION_TOKEN to a long random text of your choice.
// The program listens at -addr, so put a proxy or a tunnel in front.
//
// It prints what became of the subscriptions, then a line for each event with a value of its document, and at last how
// many events there were.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/webhook"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "where to listen for the real service")
	events := flag.Int("events", 0, "how many events to handle; 0: until interrupted")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *addr, *events); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, addr string, events int) error {
	app, err := openApp(ctx, addr)
	if err != nil {
		return err
	}
	defer app.close()

	// Oura wants its answer within 10 s, so the work waits in a queue. A job system that survives a crash is better.
	ctx, enough := context.WithCancel(ctx)
	defer enough()
	r := &receiver{client: app.client, userID: app.userID, limit: events, enough: enough, out: os.Stdout}
	queue := webhook.NewQueue(1000, 4, r.handle)
	queue.OnError = func(ev webhook.Event, err error) {
		fmt.Printf("%-6s %-15s failed: %v\n", ev.Type, ev.DataType, err)
	}
	mux := http.NewServeMux()
	mux.Handle(app.path, &webhook.Handler{
		ClientSecret:      app.clientSecret,
		VerificationToken: app.verificationToken,
		Duplicates:        webhook.NewDuplicates(0, 0),
		Handle:            queue.Enqueue,
	})
	server := &http.Server{Handler: mux, ReadTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(app.listener) }()

	// Only now: the service asks the receiver for a handshake while it makes a subscription.
	err = subscribe(ctx, app)
	if err == nil {
		keeping := make(chan error, 1)
		go func() { keeping <- app.client.Subscriptions.KeepAlive(ctx, app.wanted...) }()
		go app.deliver(ctx)
		select {
		case err = <-served: // it cannot serve any more
		case err = <-keeping: // the application is refused, or ctx has ended
		}
	}
	if errors.Is(err, context.Canceled) {
		err = nil
	}

	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
	defer cancel()
	err = errors.Join(err, server.Shutdown(closing), queue.Close(closing)) // in this order: no event is taken and then lost
	fmt.Printf("\n%d events handled\n", r.handled.Load())
	return err
}

// subscribe makes the subscriptions stand and says what it took.
func subscribe(ctx context.Context, app *app) error {
	report, err := app.client.Subscriptions.Ensure(ctx, app.wanted...)
	fmt.Printf("Subscriptions: %d created, %d updated, %d renewed, %d unchanged, %d of somebody else\n\n", len(report.Created),
		len(report.Updated), len(report.Renewed), len(report.Unchanged), len(report.Foreign))
	return err
}

// dataTypes are those whose changes this program subscribes to.
var dataTypes = []oura.DataType{oura.DataTypeSleep, oura.DataTypeDailyActivity, oura.DataTypeWorkout}

// listen is where the service delivers.
func listen(ctx context.Context, addr string) (net.Listener, error) {
	return (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
}
