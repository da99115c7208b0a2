// Package loopback finds addresses on this machine for what cannot be handed an open listener: another process, or a
// redirect URL that is written down first.
package loopback

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
)

// Systems give outgoing connections ports from 32768 (Linux) or 49152 (others): one of those could be taken between
// the look and the use.
const lowest, highest = 20_000, 32_000

// Addr is an address of 127.0.0.1 that nobody listens on.
func Addr(ctx context.Context) (string, error) { return free(ctx, lowest, highest) }

func free(ctx context.Context, lowest, highest int) (string, error) {
	var failed error
	for range 100 {
		var lc net.ListenConfig
		port := lowest + rand.IntN(highest-lowest+1) //nolint:gosec // it is no secret
		l, err := lc.Listen(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return l.Addr().String(), l.Close()
		}
		failed = err
	}
	return "", fmt.Errorf("no free port on 127.0.0.1 from %d to %d: %w", lowest, highest, failed)
}
