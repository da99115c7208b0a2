package main

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/mirror"
)

// Only what needs the person, or can never be, is given up.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err   error
		name  string
		delay time.Duration
	}{
		{oauth.ErrReauthorize, "no_consent", 0},
		{oauth.ErrNoToken, "no_grant", 0},
		{mirror.ErrOtherPerson, "other_person", 0},
		{oura.ErrForbidden, "forbidden", 0},
		{oura.ErrInvalidRequest, "invalid", 0},
		{oura.ErrServer, "again", 0},
		{oura.ErrUnauthorized, "again", 0},
		{oauth.ErrSealed, "again", 0}, // a wrong key must not cost events
		{oauth.ErrWrongGrant, "again", 0},
		{&oura.Error{RetryAfter: time.Minute}, "again", time.Minute},
		{&oura.Error{RetryAfter: time.Hour}, "again", 5 * time.Minute},
		{errors.New("the database is away"), "again", 0},
	} {
		got := outcomeOf(fmt.Errorf("around: %w", test.err), 5)
		if got.name != test.name || got.again != (test.name == "again") || got.delay != test.delay || got.err == nil {
			t.Errorf("%v: %+v, want %s in %v", test.err, got, test.name, test.delay)
		}
	}
	if got := outcomeOf(nil, 1); got != (outcome{name: "applied"}) {
		t.Errorf("without an error: %+v", got)
	}
}

// A dead grant is believed when it has stayed dead for a while.
func TestDeadGrant(t *testing.T) {
	t.Parallel()
	for delivered, again := range map[uint64]bool{1: true, 4: true, 5: false, 9: false} {
		if got := outcomeOf(oauth.ErrReauthorize, delivered); got.again != again {
			t.Errorf("delivery %d: %+v", delivered, got)
		}
	}
	if got := outcomeOf(oura.ErrForbidden, 1); got.again {
		t.Errorf("what is forbidden: %+v", got)
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	for delivered, want := range map[uint64]time.Duration{
		1: time.Second / 2, 2: time.Second, 3: 2 * time.Second, 10: 256 * time.Second, 11: 5 * time.Minute, 1e9: 5 * time.Minute,
	} {
		if got := backoff(delivered); got != want {
			t.Errorf("after %d deliveries: %v, want %v", delivered, got, want)
		}
	}
}
