package integration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oauth/sqlstore"
)

// refreshSettings are of a process that wants a token of each of Users users.
type refreshSettings struct {
	Database database
	Origin   string // of the service
	Users    int
	Workers  int // how many at once
	InOrder  bool
}

// result is what one process got for one user.
type result struct {
	User, Access string
	Reauthorize  bool
	Unsaved      bool // a SaveError
	Error        string
}

func userName(i int) string { return fmt.Sprintf("user%04d", i) }

// refreshRole asks for the users' tokens in an order of its own, each with a
// source of its own, and prints a result for each.
func refreshRole(data []byte) error {
	var s refreshSettings
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	db, err := s.Database.connect(s.Workers)
	if err != nil {
		return err
	}
	defer db.Close()
	store, err := sqlstore.New(db, s.Database.Dialect, sqlstore.WithSealing(key))
	if err != nil {
		return err
	}
	client := &http.Client{Transport: asProcess{os.Getpid(), &http.Transport{MaxIdleConnsPerHost: s.Workers}}}
	ctx := context.WithValue(context.Background(), oauth2.HTTPClient, client)
	users := make(chan string)
	var wg sync.WaitGroup
	var mu sync.Mutex
	ready()
	for range s.Workers {
		wg.Go(func() {
			for user := range users {
				line, _ := json.Marshal(tokenOf(ctx, store, s.Origin, user))
				mu.Lock()
				fmt.Println(string(line))
				mu.Unlock()
			}
		})
	}
	for i, random := range rand.Perm(s.Users) {
		if s.InOrder {
			random = i
		}
		users <- userName(random)
	}
	close(users)
	wg.Wait()
	return nil
}

func tokenOf(ctx context.Context, store *sqlstore.Store, origin, user string) result {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	r := result{User: user}
	source, err := oauth.NewTokenSource(ctx, config(origin), store.For(user))
	if err == nil {
		var token *oauth2.Token
		if token, err = source.TokenContext(ctx); err == nil {
			r.Access = token.AccessToken
		}
	}
	if err != nil {
		r.Reauthorize, r.Error = errors.Is(err, oauth.ErrReauthorize), err.Error()
		_, r.Unsaved = errors.AsType[*oauth.SaveError](err)
	}
	return r
}
