package main

import (
	"context"
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
