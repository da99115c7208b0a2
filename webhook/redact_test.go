package webhook_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/oura-go/sdk/webhook"
)

func TestNothingPrintsSecrets(t *testing.T) {
	t.Parallel()
	h := webhook.Handler{ClientSecret: secret, VerificationToken: token}
	v := webhook.Verifier{ClientSecret: secret}
	p := &webhook.PanicError{Value: secret, Stack: []byte(secret)}
	for name, x := range map[string]any{
		"handler": h, "*handler": &h, "verifier": v, "*verifier": &v, "panic": p, "in a struct": struct{ H any }{&h},
	} {
		var out bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			fmt.Fprintf(&out, verb+"\n", x)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", slog.Any("x", x))
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", slog.Any("x", x))
		text, err := json.Marshal(x)
		fmt.Fprintln(&out, string(text), err)
		if holdsSecret(out.String(), "", "") || strings.Contains(out.String(), fmt.Sprintf("%x", secret)) {
			t.Errorf("%s prints a secret:\n%s", name, &out)
		}
	}
}

func TestPrintingSaysWhatIsSet(t *testing.T) {
	t.Parallel()
	got := fmt.Sprint(&webhook.Handler{ClientSecret: secret})
	const want = `webhook.Handler{ClientSecret:REDACTED VerificationToken:"" Tolerance:0s Timeout:0s}`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestPanicError(t *testing.T) {
	t.Parallel()
	for want, value := range map[string]any{
		"a value of type string":                  "heart rate 47",
		"a value of type *errors.errorString":     errors.New("heart rate 47"),
		"runtime error: index out of range [3] w": indexError(),
	} {
		err := &webhook.PanicError{Value: value}
		if got := err.Error(); !strings.Contains(got, want) || strings.Contains(got, "47") {
			t.Errorf("Error() = %q, want it to say %q", got, want)
		}
		if got := fmt.Sprintf("%#v", err); !strings.Contains(got, "webhook.PanicError{") || strings.Contains(got, "47") {
			t.Errorf("%%#v = %q", got)
		}
	}
}

func indexError() (value any) {
	defer func() { value = recover() }()
	var none []int
	return none[3]
}
