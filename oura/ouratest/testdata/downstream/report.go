// Package report is what a user of the SDK might write, in a module of its own.
package report

import (
	"context"
	"fmt"
	"strings"

	"github.com/oura-go/sdk/oura"
)

// Weekly writes a line for each day.
func Weekly(ctx context.Context, client *oura.Client, first, last oura.Date) (string, error) {
	var out strings.Builder
	for day, err := range client.DailySleep.List(ctx, oura.Days(first, last)) {
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&out, "%v %d\n", day.Day, oura.Or(day.Score, 0))
	}
	return out.String(), nil
}
