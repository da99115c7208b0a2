package ouratest

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/oura-go/sdk/webhook"
)

// Deliveries are all attempts until now, in order.
func (s *Service) Deliveries() []Delivery {
	s.sent.mu.Lock()
	defer s.sent.mu.Unlock()
	return slices.Clone(s.sent.log)
}

// WaitDeliveries waits until every event has been taken, given up or refused for good, repetitions included.
func (s *Service) WaitDeliveries(ctx context.Context) error {
	s.sent.mu.Lock()
	if s.sent.pending == 0 {
		s.sent.mu.Unlock()
		return nil
	}
	if s.sent.idle == nil {
		s.sent.idle = make(chan struct{})
	}
	idle := s.sent.idle
	s.sent.mu.Unlock()
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
	for _, ev := range events {
		if ev.UserID == "" {
			ev.UserID = s.User().ID
		}
		if ev.Time.IsZero() {
			ev.Time = s.Now().UTC()
		}
		for _, sub := range s.hooks.all() {
			if sub.event != ev.Type || sub.data != ev.DataType {
				continue
			}
			jobs = append(jobs, job{ev: ev, sub: sub})
			if s.cfg.duplicates {
				jobs = append(jobs, job{ev: ev, sub: sub})
			}
		}
	}
	if s.cfg.disorder {
		slices.Reverse(jobs)
	}
	if len(jobs) == 0 || !s.begin() {
		return 0
	}
	s.sent.begin(len(jobs))
	go func() {
		defer s.work.Done()
		for _, j := range jobs {
			if s.attempt(&j, 1) {
				s.sent.end()
				continue
			}
			s.work.Go(func() { // this goroutine still counts, so Close is waiting for both
				defer s.sent.end()
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
		if pause(s.ctx, delay) != nil || s.attempt(j, i+2) {
			return
		}
	}
}

// attempt delivers once, if the subscription lasts; false if it is to be done again.
func (s *Service) attempt(j *job, number int) (settled bool) {
	if !s.hooks.has(j.sub.id) {
		return true
	}
	done := Delivery{Event: j.ev, SubscriptionID: j.sub.id, Attempt: number}
	status, err := s.post(j)
	done.Status = status
	if err != nil {
		done.Err = err.Error()
	}
	if status == http.StatusGone {
		s.hooks.remove(j.sub.id)
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
	ctx, cancel := context.WithTimeout(s.ctx, deliveryTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, j.sub.callback, bytes.NewReader(body))
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

// subscriptionCall answers the application, by its own credentials.
func (s *Service) subscriptionCall(r *http.Request, rest string, body []byte) answer {
	return s.faulty(r, "subscription", "", func() (page, answer) {
		if !s.credentials(r.Header.Get("X-Client-Id"), r.Header.Get("X-Client-Secret")) {
			return page{}, unauthorized("The client id or secret is wrong.")
		}
		return page{}, s.hooks.call(r.Context(), r.Method, rest, body)
	})
}
