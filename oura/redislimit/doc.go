// Package redislimit keeps an application within the service's rate limit when it runs on many machines: they share one
// budget in Redis. For one process, [oura.Limiter] needs no Redis.
//
//	rdb := redis.NewClient(&redis.Options{Addr: addr, ContextTimeoutEnabled: true})
//	limiter, err := redislimit.New(rdb, 4) // replicas
//	client, err := oura.NewClient(oura.WithTokenSource(ts), oura.WithLimiter(limiter.For(userID)))
//
// # The arithmetic
//
// The service allows 5,000 requests in 5 minutes and does not say where its windows begin. The budget is a bucket in
// Redis (GCRA) of 90 requests that 16 a second refill, so that no 5 minutes see more than 90 + 300 × 16 = 4,890 requests,
// however many processes ask. 20 are left for what arrives bunched. [WithLimit] scales all of it. Should the clock of
// Redis step back, the bucket counts as empty and refills from there.
//
// Requests of one token wait in the order in which they came, and one at a time asks Redis.
//
// # A Redis that forgets
//
// Give the limiter a Redis that evicts nothing (maxmemory-policy noeviction), or one of its own. A bucket that is gone
// before its time, by eviction or a restart without data, is noticed by processes that have seen it: it begins empty, they
// wait for their share of the refill, the first loss is logged, and Stats.Lost counts them. Each process also keeps within
// the whole application's limit by itself, whatever Redis says.
//
// # When Redis is away
//
// A process that gets no response from Redis falls back to a share of its own: the refill divided by the number of
// replicas, from an empty bucket, so that all processes together stay where they were. It looks for Redis 300 times per
// window (each second), and goes back as soon as it answers; the bucket there is emptied then, for what was sent
// meanwhile was not counted there. Each change is logged once ([WithLogger]), told to [WithOnChange], and seen in
// [Limiter.Stats].
//
// The sum holds while Redis is away for all. A process that alone cannot reach it sends its share beside what Redis
// gives to the others: up to 1 part in the number of replicas too much, for as long as that lasts. Watch Stats.Away.
//
// # Pauses
//
// After a 429 the client calls PauseUntil, which holds all processes: the pause is a key in Redis that ends by itself.
// Its length counts, not the time of day, so clocks need not agree. A process that cannot tell Redis holds itself, and
// tells Redis when it can.
package redislimit
