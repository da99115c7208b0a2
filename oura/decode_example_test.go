package oura_test

import (
	"fmt"

	"github.com/oura-go/sdk/oura"
)

// What was kept as the service sent it is read later, with the models of a newer version, too.
func ExampleDecode() {
	kept := []byte(`{"id":"a","day":"2026-01-15","score":81.0,"something_new":true}`)
	night, err := oura.Decode[oura.DailySleep](kept)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(night.Day, oura.Or(night.Score, 0))
	// Output: 2026-01-15 81
}
