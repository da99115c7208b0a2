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
// Redis (GCRA, by redis_rate) of 90 requests that 16 a second refill, so that no 5 minutes see more than 90 + 300 × 16
// = 4,890 requests, however many processes ask. A Redis that starts again without its data gives 90 more. 20 are left
// for what arrives bunched. [WithLimit] scales all of it.
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
