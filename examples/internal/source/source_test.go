package source_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/examples/internal/source"
	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oura"
	"github.com/oura-go/sdk/oura/ouratest"
)

// setenv makes these the only variables. Tests that use it cannot run in parallel.
func setenv(t *testing.T, env map[string]string) {
	t.Helper()
	for _, name := range []string{
		"OURA_ACCESS_TOKEN", "OURA_CLIENT_ID", "OURA_CLIENT_SECRET", "OURA_REDIRECT_URL", "OURA_FAMILY", "OURA_SANDBOX",
		"OURA_BASE_URL", "OURA_TOKEN_FILE",
	} {
		t.Setenv(name, env[name])
	}
}

func TestEmbedded(t *testing.T) {
	setenv(t, nil)
	s, err := source.Open(t.Context(), ouratest.WithHistory(3))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.Service == nil || s.Sandbox {
		t.Errorf("got %+v, want the embedded service", s)
	}
	if me, err := s.Client.PersonalInfo(t.Context()); err != nil || me.ID != s.Service.User().ID {
		t.Errorf("the person is %q, %v, want %q", me.ID, err, s.Service.User().ID)
	}
}

func TestAccessTokenComesFirst(t *testing.T) {
	service := ouratest.NewService(ouratest.WithHistory(1))
	defer service.Close()
	id, secret := service.AppCredentials()
	setenv(t, map[string]string{
		"OURA_ACCESS_TOKEN": service.Token().AccessToken, "OURA_BASE_URL": service.URL, "OURA_SANDBOX": "1",
		"OURA_CLIENT_ID": id, "OURA_CLIENT_SECRET": secret,
	})
	s, err := source.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Client.PersonalInfo(t.Context()); err != nil || s.Service != nil {
		t.Errorf("got %+v, %v, want the account of the token", s, err)
	}
	if _, err := s.Client.Subscriptions.List(t.Context()); err != nil {
		t.Errorf("the application beside it: %v", err)
	}
}

func TestSandbox(t *testing.T) {
	service := ouratest.NewService(ouratest.WithHistory(1))
	defer service.Close()
	setenv(t, map[string]string{"OURA_SANDBOX": "1", "OURA_BASE_URL": service.URL})
	s, err := source.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if nights, err := oura.Collect(s.Client.Sleep.List(t.Context())); err != nil || len(nights) == 0 || !s.Sandbox {
		t.Errorf("got %d nights of %+v, %v, want those of the sandbox", len(nights), s, err)
	}
}

func TestGrantOfTheLogin(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token.json")
	setenv(t, map[string]string{"OURA_CLIENT_ID": "id", "OURA_CLIENT_SECRET": "secret", "OURA_TOKEN_FILE": file})

	if _, err := source.Open(t.Context()); !errors.Is(err, oauth.ErrNoToken) || !strings.Contains(err.Error(), "examples/login") {
		t.Errorf("without a grant: %v, want to be sent to the login example", err)
	}
	if err := oauth.NewFileStore(file).Save(t.Context(), &oauth2.Token{AccessToken: "access", RefreshToken: "refresh"}); err != nil {
		t.Fatal(err)
	}
	s, err := source.Open(t.Context())
	if err != nil || s.Name != "your account" {
		t.Errorf("with a grant: %+v, %v, want a client of the account", s, err)
	}
	if cfg, family, err := source.Config(); err != nil || cfg.Endpoint != oauth.Moi.Endpoint || family != oauth.Moi ||
		cfg.RedirectURL != "http://localhost:8910/callback" {
		t.Errorf("the application is %v of %v, %v, want one of today's portal with the default redirect URL", cfg, family, err)
	}
}

// The address of a fake service of another process is enough, renewal of the grant included.
func TestGrantOfAFakeService(t *testing.T) {
	for name, test := range map[string]struct {
		family string
		want   oauth.Family
		opts   []ouratest.ServiceOption
	}{
		"today's portal": {"", oauth.Moi, nil},
		"old portal":     {"cloud", oauth.Cloud, []ouratest.ServiceOption{ouratest.WithCloud()}},
	} {
		t.Run(name, func(t *testing.T) { grantOfAFakeService(t, test.family, test.want, test.opts...) })
	}
}

func grantOfAFakeService(t *testing.T, name string, want oauth.Family, opts ...ouratest.ServiceOption) {
	service := ouratest.NewService(append(opts, ouratest.WithHistory(1), ouratest.WithExpiresIn(24*time.Hour))...)
	defer service.Close()
	file := filepath.Join(t.TempDir(), "token.json")
	if err := oauth.NewFileStore(file).Save(t.Context(), service.Token()); err != nil {
		t.Fatal(err)
	}
	id, secret := service.AppCredentials()
	setenv(t, map[string]string{
		"OURA_CLIENT_ID": id, "OURA_CLIENT_SECRET": secret, "OURA_TOKEN_FILE": file, "OURA_BASE_URL": service.URL, "OURA_FAMILY": name,
	})
	s, err := source.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	service.Advance(25 * time.Hour)
	if me, err := s.Client.PersonalInfo(t.Context()); err != nil || me.ID != service.User().ID {
		t.Errorf("the person is %q, %v, want %q", me.ID, err, service.User().ID)
	}
	if subs, err := s.Client.Subscriptions.List(t.Context()); err != nil || len(subs) > 0 {
		t.Errorf("the application has %v, %v, want no subscriptions", subs, err)
	}
	cfg, family, err := source.Config()
	if err != nil || family != want.At(service.URL) || cfg.Endpoint != service.OAuthConfig().Endpoint {
		t.Errorf("got %+v, %v, want the endpoints of the fake service", family, err)
	}
}

func TestTokenFileHasAPlaceOfItsOwn(t *testing.T) {
	setenv(t, nil)
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	file, err := source.TokenFile()
	if err != nil || !strings.HasSuffix(file, filepath.Join("oura-go", "token.json")) {
		t.Errorf("got %s, %v, want oura-go/token.json in the configuration folder", file, err)
	}
}

func TestIncompleteEnvironment(t *testing.T) {
	for name, test := range map[string]struct {
		env  map[string]string
		want string // in the error
	}{
		"no secret":      {map[string]string{"OURA_CLIENT_ID": "id"}, "OURA_CLIENT_SECRET"},
		"unknown family": {map[string]string{"OURA_CLIENT_ID": "id", "OURA_CLIENT_SECRET": "s", "OURA_FAMILY": "x"}, "OURA_FAMILY"},
		"base URL alone": {map[string]string{"OURA_BASE_URL": "http://localhost"}, "OURA_ACCESS_TOKEN"},
		"bad token":      {map[string]string{"OURA_ACCESS_TOKEN": "a b"}, "WithAccessToken"},
	} {
		t.Run(name, func(t *testing.T) {
			setenv(t, test.env)
			if _, err := source.Open(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error about %s", err, test.want)
			}
		})
	}
}
