package ouratest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// deliveryTimeout is how long a receiver may take.
const deliveryTimeout = 10 * time.Second

var errChallenge = errors.New("the answer does not repeat the challenge")

// handshake asks the callback to repeat a challenge.
func (s *Service) handshake(ctx context.Context, callback, token string) error {
	ctx, cancel := context.WithTimeout(ctx, deliveryTimeout)
	defer cancel()
	req, challenge, err := challengeRequest(ctx, callback, token)
	if err != nil {
		return err
	}
	status, body, err := s.send(req)
	if err != nil {
		return errors.New("it cannot be reached")
	}
	return checkChallenge(status, body, challenge)
}

func challengeRequest(ctx context.Context, callback, token string) (*http.Request, string, error) {
	u, err := url.Parse(callback)
	if err != nil {
		return nil, "", errors.New("it is not a URL")
	}
	challenge := rand.Text()
	q := u.Query()
	q.Set("verification_token", token)
	q.Set("challenge", challenge)
	u.RawQuery = q.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	return req, challenge, err
}

func checkChallenge(status int, body []byte, challenge string) error {
	var got struct {
		Challenge string `json:"challenge"`
	}
	switch {
	case status != http.StatusOK:
		return fmt.Errorf("it answered %d", status)
	case json.Unmarshal(body, &got) != nil || got.Challenge != challenge:
		return errChallenge
	}
	return nil
}

// send follows no redirect and reads a bounded answer.
func (s *Service) send(req *http.Request) (status int, body []byte, err error) {
	client := &http.Client{Transport: s.conns, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err = io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	return resp.StatusCode, body, err
}
