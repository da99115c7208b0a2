package ouratest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/oura-go/sdk/internal/wait"
	"github.com/oura-go/sdk/webhook"
)

// deliveryTimeout is how long a receiver may take.
const deliveryTimeout = 10 * time.Second

// Deliveries are all attempts until now, in order.
func (s *Service) Deliveries() []Delivery {
	s.sent.mu.Lock()
	defer s.sent.mu.Unlock()
	return slices.Clone(s.sent.log)
}

// WaitDeliveries waits until every event has been taken, given up or refused for good, repetitions included.
func (s *Service) WaitDeliveries(ctx context.Context) error {
	s.sent.mu.Lock()
	idle := s.sent.idle
	s.sent.mu.Unlock()
	if idle == nil {
		return nil
	}
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Emit delivers events to the subscriptions of their type and data type, signed, in the background and in order. An
// event without a user is one of the first person, and one without a time happens now. An answer of 2xx within 10 s
// takes it, 410 ends the subscription, anything else has it repeated by the schedule. The result is how many deliveries
// were begun.
func (s *Service) Emit(events ...webhook.Event) int {
	var jobs []job
	copies := 1
	if s.cfg.duplicates {
		copies = 2
	}
	for _, ev := range events {
		if ev.UserID == "" {
			ev.UserID = s.User().ID
		}
		if ev.Time.IsZero() {
			ev.Time = s.Now().UTC()
		}
		for _, sub := range s.hooks.all() {
			if sub.EventType == ev.Type && sub.DataType == ev.DataType {
				jobs = append(jobs, slices.Repeat([]job{{ev: ev, sub: sub}}, copies)...)
			}
		}
	}
	if s.cfg.disorder {
		slices.Reverse(jobs)
	}
	if len(jobs) == 0 || !s.begin() {
		return 0
	}
	s.sent.count(len(jobs))
	go func() {
		defer s.work.Done()
		for _, j := range jobs {
			if s.attempt(&j, 1) {
				s.sent.count(-1)
				continue
			}
			s.work.Go(func() { // this goroutine still counts, so Close is waiting for both
				defer s.sent.count(-1)
				s.repeat(&j)
			})
		}
	}()
	return len(jobs)
}

// job is one event for one subscription.
type job struct {
	ev       webhook.Event
	sub      subscription
	signedAt string // the timestamp of its last attempt
}

// repeat goes through the schedule.
func (s *Service) repeat(j *job) {
	for i, delay := range s.cfg.schedule {
		if wait.Sleep(s.ctx, delay) != nil || s.attempt(j, i+2) {
			return
		}
	}
}

// attempt delivers once, if the subscription lasts; false if it is to be done again.
func (s *Service) attempt(j *job, number int) (settled bool) {
	if _, ok := s.hooks.find(j.sub.ID); !ok {
		return true
	}
	done := Delivery{Event: j.ev, SubscriptionID: j.sub.ID, Attempt: number}
	status, err := s.post(j)
	done.Status = status
	if err != nil {
		done.Err = err.Error()
	}
	if status == http.StatusGone {
		s.hooks.remove(j.sub.ID)
	}
	s.sent.note(done)
	return status/100 == 2 || status == http.StatusGone || s.ctx.Err() != nil
}

// post sends what Oura sends.
func (s *Service) post(j *job) (status int, err error) {
	body, err := json.Marshal(j.ev)
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(s.ctx, http.MethodPost, j.sub.CallbackURL, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	if j.signedAt == "" || !s.cfg.sameSignature {
		j.signedAt = strconv.FormatInt(s.Now().UnixMilli(), 10)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(webhook.TimestampHeader, j.signedAt)
	req.Header.Set(webhook.SignatureHeader, webhook.Sign(s.cfg.clientSecret, j.signedAt, body))
	status, _, err = s.send(req)
	return status, err
}

// send follows no redirect and reads a bounded response.
func (s *Service) send(req *http.Request) (status int, body []byte, err error) {
	client := &http.Client{
		Transport: s.conns, Timeout: deliveryTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err = io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	return resp.StatusCode, body, err
}
