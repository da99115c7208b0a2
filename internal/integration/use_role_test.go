package integration

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oauth/sqlstore"
)

// useSettings are of a process that uses the grants of all users again and again.
type useSettings struct {
	Database  database
	TokenURL  string
	MovedFrom []string
	Users     int
	Workers   int
}

// uses is what became of it, by the outcome of a call.
type uses struct {
	Tokens, WrongGrant int
	Errors             []string
}

// useRole asks for users' tokens, each user's from one source, until it reads a line.
func useRole(data []byte) error {
	var s useSettings
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
	cfg := config("")
	cfg.Endpoint.TokenURL = s.TokenURL
	sources, err := oauth.NewSources(context.WithValue(context.Background(), oauth2.HTTPClient, client), cfg, store.For,
		oauth.WithMovedFrom(s.MovedFrom...))
	if err != nil {
		return err
	}
	in := bufio.NewReader(os.Stdin)
	fmt.Println("ready")
	_, _ = in.ReadString('\n')
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		_, _ = in.ReadString('\n')
		stop()
	}()
	var mu sync.Mutex
	var total uses
	var wg sync.WaitGroup
	for range s.Workers {
		wg.Go(func() {
			for ctx.Err() == nil {
				source, err := sources.For(userName(rand.IntN(s.Users)))
				if err == nil {
					_, err = source.TokenContext(ctx)
				}
				mu.Lock()
				switch {
				case err == nil:
					total.Tokens++
				case errors.Is(err, oauth.ErrWrongGrant):
					total.WrongGrant++
				case ctx.Err() == nil && len(total.Errors) < 10:
					total.Errors = append(total.Errors, err.Error())
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	line, err := json.Marshal(total)
	fmt.Println(string(line))
	return err
}
