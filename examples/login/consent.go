package main

import (
	"context"
	"fmt"
	"net"
	"net/http"

	"github.com/oura-go/sdk/oura/ouratest"
)

// consenting stands in for the browser and the person in it: it allows everything and goes back to the program.
func consenting(service *ouratest.Service) func(ctx context.Context, address string) error {
	return func(ctx context.Context, address string) error {
		callback, err := service.Consent(address)
		if err != nil {
			return err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, callback, nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		return resp.Body.Close()
	}
}

// freeRedirectURL has a port that nobody uses. The fake service takes any on this machine; a real application has
// registered one.
func freeRedirectURL(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("http://%s/callback", listener.Addr()), listener.Close()
}
