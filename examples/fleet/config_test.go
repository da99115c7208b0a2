package main

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	t.Parallel()
	const key = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="
	app := map[string]string{"OURA_CLIENT_ID": "id", "OURA_CLIENT_SECRET": "hidden", "OURA_VERIFICATION_TOKEN": "hidden"}
	for _, test := range []struct {
		name, args, wrong string
		env               map[string]string
	}{
		{"simulation", "", "", nil},
		{"simulation with flags", "-users 10 -events 5", "", nil},
		{"web", "web", "", app},
		{"web without an application", "web", "OURA_CLIENT_ID", nil},
		{"worker needs no verification token", "worker", "", map[string]string{"OURA_CLIENT_ID": "id", "OURA_CLIENT_SECRET": "hidden"}},
		{"web does", "web", "OURA_VERIFICATION_TOKEN", map[string]string{"OURA_CLIENT_ID": "id", "OURA_CLIENT_SECRET": "hidden"}},
		{"no such role", "wob", "no role", nil},
		{"leftover", "local 5", "unexpected", nil},
		{"unknown type", "local -data-types=meal", `"meal"`, nil},
		{"family", "local -oauth-family=sky", "moi nor cloud", nil},
		{"key", "local", "", map[string]string{"FLEET_TOKEN_KEY": key}},
		{"short key", "local", "3 bytes", map[string]string{"FLEET_TOKEN_KEY": "hidd"}},
		{"key in another form", "local", "base64", map[string]string{"FLEET_TOKEN_KEY": "hidden!"}},
		{"no workers", "local -workers 0", "positive", nil},
		{"no time", "local -ack-wait 1ms", "second", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, err := parse(strings.Fields(test.args), func(name string) string { return test.env[name] }, io.Discard)
			switch {
			case test.wrong == "" && err != nil:
				t.Fatal(err)
			case test.wrong != "" && (err == nil || !strings.Contains(err.Error(), test.wrong)):
				t.Fatalf("got %v, want an error with %q", err, test.wrong)
			}
			if text := fmt.Sprintf("%v %+v %#v %v", c, c, c, err); strings.Contains(text, "hidden") || strings.Contains(text, "\x07") {
				t.Errorf("a secret is printed: %s", text)
			}
		})
	}
}
