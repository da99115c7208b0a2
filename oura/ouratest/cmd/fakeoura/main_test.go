package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/oura-go/sdk/oura"
)

func TestRun(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, in := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"-addr", "127.0.0.1:0", "-users", "ada, ben", "-history", "9", "-rate-limit", "100", "-quick-retries", "-cloud", "-scope-in-callback", "-expires-in", "24h", "-duplicates", "-disorder", "-shared-timestamps", "-unknown-properties", "-unknown-enums", "-late-rows", "2h", "-secret", "it's"}, in, io.Discard)
		_ = in.Close()
		done <- err
	}()
	vars := map[string]string{}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if name, value, ok := strings.Cut(strings.TrimPrefix(lines.Text(), "export "), "="); ok {
			vars[name] = strings.Trim(value, "'")
		}
		if vars["OURA_ACCESS_TOKEN_2"] != "" {
			break
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(vars["OURA_TOKEN_URL"], "/oauth/token") {
		t.Errorf("with -cloud the token URL is %s", vars["OURA_TOKEN_URL"])
	}
	if vars["OURA_CLIENT_SECRET"] != `it'\''s` {
		t.Errorf("the secret is quoted %s", vars["OURA_CLIENT_SECRET"])
	}
	for _, name := range []string{"OURA_ACCESS_TOKEN", "OURA_ACCESS_TOKEN_2"} {
		c, err := oura.NewClient(oura.WithBaseURL(vars["OURA_BASE_URL"]), oura.WithAccessToken(vars[name]))
		if err != nil {
			t.Fatalf("%v: %v", vars, err)
		}
		me, err := c.PersonalInfo(t.Context())
		if want := map[string]string{"OURA_ACCESS_TOKEN": "ada@example.com", "OURA_ACCESS_TOKEN_2": "ben@example.com"}[name]; err != nil || *me.Email != want {
			t.Errorf("%s: %v, %v", name, me.Email, err)
		}
		today := oura.Today(time.UTC)
		days, err := oura.Collect(c.DailyStress.List(t.Context(), oura.Days(today.AddDays(-60), today)))
		if err != nil || len(days) < 8 || len(days) > 9 {
			t.Errorf("%d days, %v", len(days), err)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, vars["OURA_BASE_URL"]+"/fake/clock", strings.NewReader(`{"advance":"25h"}`))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	c, err := oura.NewClient(oura.WithBaseURL(vars["OURA_BASE_URL"]), oura.WithAccessToken(vars["OURA_ACCESS_TOKEN"]))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.PersonalInfo(t.Context()); !errors.Is(err, oura.ErrUnauthorized) || resp.StatusCode != http.StatusOK {
		t.Errorf("25 hours later the token is still good: %d, %v", resp.StatusCode, err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestBadFlags(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"-zone", "Mars/Olympus"}, {"-secret", ""}, {"-history", "-1"}, {"-rate-limit", "-1"}, {"-expires-in", "0s"}, {"more"}, {"-addr", "nowhere:x"},
		{"-no-such-flag"}, {"-moi", "-cloud"}, {"-late-rows", "-1h"},
	} {
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%v is accepted", args)
		}
	}
	if err := run(t.Context(), []string{"-help"}, io.Discard, io.Discard); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-help: %v", err)
	}
}
