package oauth_test

import (
	"encoding/json"
	"math"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

func TestEncodeToken(t *testing.T) {
	t.Parallel()
	expiry := time.Date(2026, 3, 1, 12, 0, 0, 5, time.FixedZone("", -3600))
	full := &oauth2.Token{AccessToken: "a", TokenType: "bearer", RefreshToken: "r", Expiry: expiry, ExpiresIn: 60}
	tests := []struct {
		name  string
		token *oauth2.Token
		want  map[string]any
	}{
		{"full", full.WithExtra(map[string]any{"scope": "daily spo2", "token_url": "https://x.test/t", "id_token": "private"}), map[string]any{
			"access_token": "a", "token_type": "bearer", "refresh_token": "r", "expiry": "2026-03-01T13:00:00.000000005Z",
			"expires_in": 60.0, "scope": "daily spo2", "token_url": "https://x.test/t", "version": 1.0,
		}},
		{"extras of x/oauth2's own kind", full.WithExtra(url.Values{"scope": {"daily"}}), map[string]any{
			"access_token": "a", "token_type": "bearer", "refresh_token": "r", "expiry": "2026-03-01T13:00:00.000000005Z",
			"expires_in": 60.0, "scope": "daily", "version": 1.0,
		}},
		{"small", &oauth2.Token{AccessToken: "a"}, map[string]any{"access_token": "a", "version": 1.0}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			text := encoded(t, test.token)
			var got map[string]any
			if err := json.Unmarshal([]byte(text), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("EncodeToken (-want +got):\n%s", diff)
			}
			again, err := oauth.DecodeToken([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			if encoded(t, again) != text {
				t.Error("a second round differs")
			}
			// Other programs read it as x/oauth2 writes it.
			var plain oauth2.Token
			if err := json.Unmarshal([]byte(text), &plain); err != nil || plain.AccessToken != "a" || !plain.Expiry.Equal(test.token.Expiry) {
				t.Errorf("as a plain token: %v", err)
			}
		})
	}
	for name, token := range map[string]*oauth2.Token{
		"nil": nil, "empty": {}, "far": {AccessToken: "a", Expiry: time.Unix(math.MaxInt32*1000, 0)},
	} {
		if _, err := oauth.EncodeToken(token); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestDecodePlainToken(t *testing.T) {
	t.Parallel()
	plain := &oauth2.Token{AccessToken: "a", RefreshToken: "r", TokenType: "Bearer", Expiry: time.Now().Add(time.Hour).Round(0)}
	b, err := json.Marshal(plain)
	if err != nil {
		t.Fatal(err)
	}
	got, err := oauth.DecodeToken(b)
	if err != nil {
		t.Fatal(err)
	}
	if got.AccessToken != "a" || got.RefreshToken != "r" || got.TokenType != "Bearer" || !got.Expiry.Equal(plain.Expiry) {
		t.Error("not the token that was written")
	}
	if oauth.GrantedScopes(got) != nil || got.Extra("token_url") != nil {
		t.Error("scope and token URL are known from nowhere")
	}
	if got, err := oauth.DecodeToken([]byte(`{"refresh_token":"r"}`)); err != nil || got.RefreshToken != "r" {
		t.Errorf("only a refresh token: %v", err)
	}
	// As the service answered, kept in a file by hand.
	if got, err := oauth.DecodeToken([]byte(`{"access_token":"a","expires_in":86400.0,"expiry":"0001-01-01T00:00:00Z"}`)); err != nil || got.ExpiresIn != 86400 || !got.Expiry.IsZero() {
		t.Errorf("a fraction: %v", err)
	}
}

func TestUnknownKeysStay(t *testing.T) {
	t.Parallel()
	const stored = `{"access_token":"a","refresh_token":"refresh-1-of-the-person","expiry":"2020-01-01T00:00:00Z","user":{"id":12345678901234567890},"note":null,"Scope":"x"}`
	s := newService()
	s.generation, s.live = 1, refreshToken(1)
	token, err := oauth.DecodeToken([]byte(stored))
	if err != nil {
		t.Fatal(err)
	}
	store := newRecorder(t, token)
	refreshed, err := newSource(t, s, store).Token()
	if err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]*oauth2.Token{"decoded": token, "refreshed": refreshed, "stored": load(t, store)} {
		text := encoded(t, token)
		for _, want := range []string{`"user":{"id":12345678901234567890}`, `"note":null`, `"Scope":"x"`} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %s is lost", name, want)
			}
		}
		if token.Extra("Scope") != "x" {
			t.Errorf("%s: Extra does not show it", name)
		}
	}
}

func TestDecodeTokenRefuses(t *testing.T) {
	t.Parallel()
	for _, stored := range []string{
		``, ` `, `{}`, `null`, `[]`, `"a"`, `{"access_token":""}`, `{"access_token":1}`, `{"access_token":"a","version":2}`,
		`{"access_token":"a","version":"1"}`, `{"access_token":"a","expiry":"tomorrow"}`, `{"access_token":"a","token_url":1}`, `{"access_token":"a"`,
		`{"access_token":"a"}{}`, `{"Access_Token":"a"}`,
	} {
		if token, err := oauth.DecodeToken([]byte(stored)); err == nil || token != nil {
			t.Errorf("%s: no error", stored)
		}
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	with := func(scope any) *oauth2.Token {
		return (&oauth2.Token{AccessToken: "a"}).WithExtra(map[string]any{"scope": scope})
	}
	tests := []struct {
		name    string
		token   *oauth2.Token
		granted []string
		wanted  []string
		missing []string
	}{
		{"prefixed", with("extapi:daily extapi:heartrate"), []string{"daily", "heartrate"}, []string{"daily", "heartrate"}, nil},
		{"smaller", with("extapi:daily"), []string{"daily"}, []string{"spo2", "daily", "workout", "spo2"}, []string{"spo2", "workout"}},
		{"retired", with("spo2Daily daily spo2"), []string{"spo2", "daily"}, []string{"spo2Daily", "extapi:spo2"}, nil},
		{"prefixed and retired", with("extapi:spo2Daily"), []string{"spo2"}, []string{"spo2"}, nil},
		{"unknown names", with("extapi:new_thing"), []string{"new_thing"}, []string{"daily", ""}, []string{"daily"}},
		{"array", with([]any{"daily", 1, "extapi:tag"}), []string{"daily", "tag"}, nil, nil},
		{"strings", with([]string{"daily"}), []string{"daily"}, nil, nil},
		{"lines", with(" daily\n tag\t"), []string{"daily", "tag"}, nil, nil},
		{"empty is unknown", with(""), nil, []string{"daily"}, nil},
		{"number is unknown", with(7), nil, []string{"daily"}, nil},
		{"absent is unknown", &oauth2.Token{}, nil, []string{"daily"}, nil},
		{"no token", nil, nil, []string{"daily"}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.granted, oauth.GrantedScopes(test.token)); diff != "" {
				t.Errorf("GrantedScopes (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.missing, oauth.MissingScopes(test.token, test.wanted...)); diff != "" {
				t.Errorf("MissingScopes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAllScopes(t *testing.T) {
	t.Parallel()
	all := oauth.AllScopes()
	want := strings.Fields("email personal daily heartrate workout tag session spo2 stress heart_health ring_configuration")
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("AllScopes (-want +got):\n%s", diff)
	}
	all[0] = "changed"
	if oauth.AllScopes()[0] == "changed" {
		t.Error("the slice is shared")
	}
}

func TestScopeFor(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"daily_activity": "daily", "daily_readiness": "daily", "daily_sleep": "daily", "daily_stress": "daily",
		"sleep": "daily", "sleep_time": "daily", "rest_mode_period": "daily", "daily_spo2": "spo2",
		"daily_resilience": "stress", "daily_cardiovascular_age": "heart_health", "vO2_max": "heart_health", "vo2_max": "heart_health",
		"ring_configuration": "ring_configuration", "ring_battery_level": "ring_configuration", "tag": "tag", "enhanced_tag": "tag",
		"heartrate": "heartrate", "workout": "workout", "session": "session", "personal_info": "personal", "meal": "", "": "",
	}
	for collection, scope := range want {
		if got := oauth.ScopeFor(collection); got != scope {
			t.Errorf("ScopeFor(%q) = %q, want %q", collection, got, scope)
		}
	}
}

func TestFamilies(t *testing.T) {
	t.Parallel()
	want := map[string]oauth.Family{
		"cloud": {
			Endpoint: oauth2.Endpoint{
				AuthURL: "https://cloud.ouraring.com/oauth/authorize", TokenURL: "https://api.ouraring.com/oauth/token",
				AuthStyle: oauth2.AuthStyleInParams,
			},
			RevokeURL: "https://api.ouraring.com/oauth/revoke", RevokeStyle: oauth.RevokeQuery,
			Issuer: "https://moi.ouraring.com/oauth/v2/ext/oauth-anonymous",
		},
		"moi": {
			Endpoint: oauth2.Endpoint{
				AuthURL: "https://moi.ouraring.com/oauth/v2/ext/oauth-authorize", TokenURL: "https://moi.ouraring.com/oauth/v2/ext/oauth-token",
				AuthStyle: oauth2.AuthStyleInParams,
			},
			RevokeURL: "https://moi.ouraring.com/oauth/v2/ext/oauth-revoke", RevokeStyle: oauth.RevokeForm,
			ScopePrefix: "extapi:", Issuer: "https://moi.ouraring.com/oauth/v2/ext/oauth-anonymous",
		},
	}
	if diff := cmp.Diff(want, map[string]oauth.Family{"cloud": oauth.Cloud, "moi": oauth.Moi}); diff != "" {
		t.Errorf("families (-want +got):\n%s", diff)
	}
}
