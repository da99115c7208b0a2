package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

const (
	numbersAhead = 10 // numbers may be left out
	htmlPage     = "text/html"
)

// probe asks for the exports after the known one. An export that is served has status 200 and is JSON; a page for people
// behind every address would be news of another kind, and is an error like any other status.
func probe(ctx context.Context, out io.Writer, client *http.Client, base string, known int) error {
	newer, served := 0, false
	for n := known; n <= known+numbersAhead; n++ {
		address := fmt.Sprintf("%sopenapi-1.%d.json", base, n)
		found, err := exists(ctx, client, address)
		if err != nil {
			return err
		}
		if found && n > known {
			newer = n
		}
		served = served || found
	}
	switch {
	case newer > 0:
		fmt.Fprintf(out, "openapi.yaml describes export 1.%d; 1.%d is published\n", known, newer)
		return errNews
	case !served:
		return fmt.Errorf("neither 1.%d nor one of the %d exports after it is served below %s", known, numbersAhead, base)
	}
	fmt.Fprintf(out, "openapi.yaml describes export 1.%d, the newest\n", known)
	return nil
}

func exists(ctx context.Context, client *http.Client, address string) (bool, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return false, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return false, err
	}
	defer resp.Body.Close() //nolint:errcheck // nothing of it is read
	switch {
	case resp.StatusCode == http.StatusNotFound:
		return false, nil
	case resp.StatusCode != http.StatusOK:
		return false, fmt.Errorf("%s: status %d", address, resp.StatusCode)
	case strings.HasPrefix(resp.Header.Get("Content-Type"), htmlPage):
		return false, fmt.Errorf("%s: a page, not an export", address)
	}
	return true, nil
}
