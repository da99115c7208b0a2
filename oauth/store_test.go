package oauth_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
)

// everything is what a store of this package is.
type everything interface {
	oauth.Store
	oauth.Locker
	oauth.Deleter
}

func stores(t *testing.T) map[string]everything {
	key := []byte("0123456789abcdef0123456789abcdef")
	return map[string]everything{
		"memory": oauth.NewMemoryStore(),
		"file":   oauth.NewFileStore(t.TempDir() + "/new/folder/token.json"),
		"sealed": oauth.NewFileStore(t.TempDir()+"/token.json", oauth.WithSealing(key)),
	}
}

func TestStores(t *testing.T) {
	t.Parallel()
	token := (&oauth2.Token{
		AccessToken: "access", RefreshToken: "refresh", TokenType: "Bearer", ExpiresIn: 3600,
		Expiry: time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.FixedZone("", 7200)),
	}).WithExtra(map[string]any{"scope": "daily", "token_url": oauth.Cloud.TokenURL})
	for name, store := range stores(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			if _, err := store.Load(ctx); !errors.Is(err, oauth.ErrNoToken) {
				t.Errorf("Load of an empty store: %v, want ErrNoToken", err)
			}
			if err := store.Delete(ctx); err != nil {
				t.Errorf("Delete of nothing: %v", err)
			}
			if err := store.Save(ctx, token); err != nil {
				t.Fatal(err)
			}
			got := load(t, store)
			if encoded(t, got) != encoded(t, token) || !got.Expiry.Equal(token.Expiry) {
				t.Error("Load does not give what was saved")
			}
			if err := store.Save(ctx, nil); err == nil {
				t.Error("Save(nil): no error")
			}

			locked, err := store.Lock(ctx)
			if err != nil {
				t.Fatal(err)
			}
			second := &oauth2.Token{AccessToken: "second", RefreshToken: "second-refresh"}
			if err := locked.Save(ctx, second); err != nil {
				t.Fatal(err)
			}
			if token, err := locked.Load(ctx); err != nil || token.AccessToken != "second" {
				t.Errorf("Load under the lock: %v", err)
			}
			waiting, cancel := context.WithCancel(ctx)
			cancel()
			if _, err := store.Lock(waiting); !errors.Is(err, context.Canceled) {
				t.Errorf("Lock of a held lock: %v, want the context's error", err)
			}
			if err := store.Save(waiting, token); !errors.Is(err, context.Canceled) {
				t.Errorf("Save beside a held lock: %v, want the context's error", err)
			}
			if _, err := store.Load(waiting); !errors.Is(err, context.Canceled) {
				t.Errorf("Load beside a held lock: %v, want the context's error", err)
			}
			if _, err := locked.Load(waiting); !errors.Is(err, context.Canceled) {
				t.Errorf("Load: %v, want the context's error", err)
			}
			if err := locked.Save(waiting, token); !errors.Is(err, context.Canceled) {
				t.Errorf("Save: %v, want the context's error", err)
			}
			if err := locked.(oauth.Deleter).Delete(waiting); !errors.Is(err, context.Canceled) {
				t.Errorf("Delete: %v, want the context's error", err)
			}
			for range 2 {
				if err := locked.Unlock(); err != nil {
					t.Errorf("Unlock: %v", err)
				}
			}
			if got := load(t, store).AccessToken; got != "second" {
				t.Errorf("after the lock: %s", got)
			}
			if err := store.Delete(ctx); err != nil {
				t.Fatal(err)
			}
			if _, err := store.Load(ctx); !errors.Is(err, oauth.ErrNoToken) {
				t.Errorf("Load after Delete: %v, want ErrNoToken", err)
			}
		})
	}
}

// A grant that is saved after a new consent waits for a refresh under way, and so
// is not overwritten by it.
func TestSaveWaitsForTheLock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := oauth.NewMemoryStore()
		locked, err := store.Lock(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- store.Save(t.Context(), &oauth2.Token{AccessToken: "consented"}) }()
		synctest.Wait()
		if err := locked.Save(t.Context(), &oauth2.Token{AccessToken: "refreshed"}); err != nil {
			t.Fatal(err)
		}
		if err := locked.Unlock(); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil || load(t, store).AccessToken != "consented" {
			t.Errorf("the new consent was overwritten: %v", err)
		}
	})
}
