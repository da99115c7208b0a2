// Dashboard is a small web application: connect your ring, and see your nights, your months and your year.
//
//	go run -C examples/dashboard .
//	go run -C examples/dashboard . -addr localhost:9000
//	go run -C examples/dashboard . -check    go through all pages once, and stop
//
// Without settings it works with the fake service that comes with the SDK, consent page included: open the address that
// it prints, press Connect, and choose what to share. Leave something out to see what the application says then.
//
// For your own account, register an application at https://developer.ouraring.com/applications with the redirect URL
// http://localhost:8910/callback, and set OURA_CLIENT_ID and OURA_CLIENT_SECRET; OURA_REDIRECT_URL if it has another one,
// which must lead to /callback of this program. Each browser that connects has a grant of its own, renewed by itself, and a
// copy of the person's data in a SQLite file beside it, both in a folder (-data) and found again after a restart. Pages are
// read from the copy, and only what is new is asked for. With OURA_ACCESS_TOKEN in their place there is nothing to connect:
// everybody sees that data, and the copy ends with the program.
//
// It prints where to look. Pages are made on the server, and the charts in them are SVG: the browser runs no script and
// loads nothing from elsewhere.
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
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	var s settings
	flag.StringVar(&s.addr, "addr", "localhost:8910", "where to listen")
	flag.StringVar(&s.folder, "data", "", "the folder for grants and copies; one in your configuration folder if empty")
	flag.BoolVar(&s.check, "check", false, "go through all pages once, and stop")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type settings struct {
	addr, folder string
	check        bool
}

func run(ctx context.Context, s settings) (err error) {
	if s.check {
		s.addr = "localhost:0" // whatever is free
	}
	if s.folder == "" {
		folder, err := os.UserConfigDir()
		if err != nil {
			return fmt.Errorf("there is no place for grants and copies, use -data: %w", err)
		}
		s.folder = filepath.Join(folder, "oura-go", "dashboard")
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.addr)
	if err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return err
	}
	home := "http://localhost:" + port
	a, err := openApp(ctx, home, s.folder)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, a.close()) }()
	if a.host, _, err = net.SplitHostPort(s.addr); err != nil {
		return errors.Join(err, listener.Close())
	}

	server := &http.Server{Handler: a.routes(), ReadTimeout: 10 * time.Second, WriteTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if s.check {
		err = checkPages(ctx, a, home)
	} else {
		fmt.Printf("%s, from %s\n", home, a.source)
		select {
		case err = <-served:
		case <-ctx.Done():
		}
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return errors.Join(err, server.Shutdown(closing))
}
