package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"time"

	"github.com/oura-go/sdk/oauth"
	"github.com/oura-go/sdk/oauth/sqlstore"
)

// Give the schema to the program's own migrations, in place of Migrate.
func ExampleMigrations() {
	files, err := sqlstore.Migrations(sqlstore.PostgreSQL)
	if err != nil {
		log.Fatal(err)
	}
	names, err := fs.Glob(files, "*.sql")
	fmt.Println(len(names) > 0, err)
	// Output: true <nil>
}

// Who there is, whose tokens end soon, and who has to consent again.
func ExampleStore_Users() {
	var store *sqlstore.Store // as in the example of the package
	ctx := context.Background()
	for grant, err := range store.Users(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(grant.UserID)
	}
	for grant, err := range store.Expiring(ctx, 2*time.Hour) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(grant.UserID, "ends within two hours")
	}
	for grant, err := range store.NeedConsent(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(grant.UserID, "has to consent again")
	}
}

// Change the key: the new one first, the old one after it until Reseal has written everything anew.
func ExampleStore_Reseal() {
	var db *sql.DB // opened with your driver
	var newKey, oldKey []byte
	store, err := sqlstore.New(db, sqlstore.PostgreSQL, sqlstore.WithSealing(newKey, oldKey), sqlstore.WithLease(time.Minute))
	if err != nil {
		log.Fatal(err)
	}
	n, err := store.Reseal(context.Background())
	if err != nil {
		log.Fatal(err) // call again: what is done stays done
	}
	fmt.Println(n, "grants have the new key")
}

// One user's grant by hand. A token source does this by itself.
func ExampleUserStore() {
	var store *sqlstore.Store // as in the example of the package
	ctx := context.Background()
	user := store.For("alice")
	token, err := user.Load(ctx)
	if errors.Is(err, oauth.ErrNoToken) {
		return
	}
	if err != nil {
		log.Fatal(err)
	}
	held, err := user.Lock(ctx) // over all processes
	if err != nil {
		log.Fatal(err)
	}
	if err := errors.Join(held.Save(ctx, token), held.Unlock()); err != nil {
		log.Fatal(err)
	}
	if err := user.Delete(ctx); err != nil { // the service still honours the grant: see oauth.Disconnect
		log.Fatal(err)
	}
}
