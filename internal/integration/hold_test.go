package integration

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"golang.org/x/oauth2"

	"github.com/oura-go/sdk/oauth/sqlstore"
)

// holdSettings are of a process that takes a user's lock and keeps it.
type holdSettings struct {
	Database database
	User     string
	Lease    time.Duration
}

// holdRole takes the lock, waits for a line and then saves, as a process does
// whose machine stood still in the middle of a refresh.
func holdRole(data []byte) error {
	var s holdSettings
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	db, err := s.Database.connect(1)
	if err != nil {
		return err
	}
	defer db.Close()
	store, err := sqlstore.New(db, s.Database.Dialect, sqlstore.WithSealing(key), sqlstore.WithLease(s.Lease))
	if err != nil {
		return err
	}
	ready()
	ctx := context.Background()
	l, err := store.For(s.User).Lock(ctx)
	if err != nil {
		return err
	}
	fmt.Println("locked")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	late := &oauth2.Token{AccessToken: "late", RefreshToken: "late"}
	fmt.Println("first save:", l.Save(ctx, late) == nil)
	fmt.Println("second save:", l.Save(ctx, late))
	return l.Unlock()
}
