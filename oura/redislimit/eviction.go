package redislimit

import (
	"context"
	"log/slog"
	"strings"
)

// inspect looks once whether Redis may evict keys, and says so. A Redis that does not tell is taken for one that does not.
func (c *core) inspect(ctx context.Context) {
	if c.inspected.Swap(true) {
		return
	}
	info, err := c.rdb.Info(ctx, "memory").Result()
	if err != nil {
		return
	}
	if policy := evictionPolicy(info); policy != "" {
		c.logger.WarnContext(ctx, "oura rate limit: Redis evicts keys when its memory is full, and with them the count of requests; "+
			"give it the policy noeviction, or a Redis of its own", slog.String("maxmemory_policy", policy))
	}
}

// evictionPolicy is the policy by which Redis evicts keys; "" if it evicts none.
func evictionPolicy(info string) string {
	limit, policy := "0", ""
	for line := range strings.Lines(info) {
		switch name, value, _ := strings.Cut(strings.TrimSpace(line), ":"); name {
		case "maxmemory":
			limit = value
		case "maxmemory_policy":
			policy = value
		}
	}
	if limit == "0" || policy == "noeviction" {
		return ""
	}
	return policy
}
