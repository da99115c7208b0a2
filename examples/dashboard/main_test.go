package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/oura-go/sdk/oura/ouratest"
)

// setenv makes these the only variables. Tests that use it cannot run in parallel.
func setenv(t *testing.T, env map[string]string) {
	t.Helper()
	for _, name := range []string{
		"OURA_ACCESS_TOKEN", "OURA_CLIENT_ID", "OURA_CLIENT_SECRET", "OURA_REDIRECT_URL", "OURA_FAMILY", "OURA_SANDBOX", "OURA_BASE_URL",
	} {
		t.Setenv(name, env[name])
	}
}

// TestCheck is the program with -check: it goes through all pages, wherever their data are from.
func TestCheck(t *testing.T) {
	service := ouratest.NewService(ouratest.WithLocation(time.Local))
	defer service.Close()
	for name, env := range map[string]map[string]string{
		"embedded":     {},
		"access token": {"OURA_ACCESS_TOKEN": service.Token().AccessToken, "OURA_BASE_URL": service.URL},
		"sandbox":      {"OURA_SANDBOX": "1", "OURA_BASE_URL": service.URL},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			setenv(t, env)
			if err := run(ctx, settings{folder: t.TempDir(), check: true}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestApplicationOfYourOwn(t *testing.T) {
	env := map[string]string{"OURA_CLIENT_ID": "id", "OURA_CLIENT_SECRET": "secret"}
	setenv(t, env)
	a, err := openApp(t.Context(), "http://localhost:8910", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if a.fixed != nil || a.callback == nil || a.callback.Config.RedirectURL != "http://localhost:8910/callback" {
		t.Errorf("got %+v, want people to connect", a)
	}
	if err := checkPages(t.Context(), a, "http://localhost:8910"); err == nil || !strings.Contains(err.Error(), "browser") {
		t.Errorf("-check without a person: %v", err)
	}

	env["OURA_REDIRECT_URL"] = "https://example.com/elsewhere"
	setenv(t, env)
	if _, err := openApp(t.Context(), "http://localhost:8910", t.TempDir()); err == nil || !strings.Contains(err.Error(), "OURA_REDIRECT_URL") {
		t.Errorf("with a redirect that leads elsewhere: %v", err)
	}
}
