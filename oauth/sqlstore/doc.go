// Package sqlstore keeps the grants of many users in a database, where any number of processes share them. It is
// written against database/sql and brings no driver: give it a [database/sql.DB] of yours.
//
//	db, err := sql.Open("pgx", dsn)
//	err = sqlstore.Migrate(ctx, db, sqlstore.PostgreSQL)
//	store, err := sqlstore.New(db, sqlstore.PostgreSQL, sqlstore.WithSealing(key))
//	sources, err := oauth.NewSources(ctx, cfg, store.For)
//	source, err := sources.For(userID)
//
//	job                                    use
//	make the tables                        [Migrate], or [Migrations] with a tool of yours
//	one user's grant                       [Store.For]: an [oauth.Store], [oauth.Locker] and [oauth.Deleter]
//	whose tokens end soon                  [Store.Expiring]
//	refresh those ahead of time            [Store.KeepFresh]
//	who has to consent again               [Store.NeedConsent]
//	everybody                              [Store.Users]
//	forget a user                          [UserStore.Delete], or [oauth.Disconnect] with the user's store
//	encrypt, and change the key            [WithSealing], [Store.Reseal]
//	from Cloud to Moi, all at once         [Store.Move]
//
// # The lock is a transaction
//
// A refresh holds the user's row in a transaction of its own connection, from the load before the request to the save
// after it, so that one process at a time trades a user's single-use refresh token. Nothing else of the store waits for
// it, and a process that dies frees it.
//
// On PostgreSQL the holder also commits a mark in the row before it sends a refresh. A connection that breaks takes the
// lock with it, but not the mark: whoever finds it in a free row leaves the row alone for 8 s, so that the holder can
// come back on another connection and save. A process that is killed in the middle of a refresh therefore keeps its user
// for 8 s, or for what is left of the lease, if that is less.
//
// On PostgreSQL a lease ([WithLease], 45 s where it is not set) bounds how long a holder that hangs, or whose machine
// is gone, can keep the row: the server ends its session ("idle_in_transaction_session_timeout"). On SQLite the lock is
// the database's one write lock (BEGIN IMMEDIATE), so one refresh at a time is under way and other writers wait for it:
// give the grants a file of their own, with journal_mode WAL. It frees itself when its process ends, and has no lease.
//
// Each refresh under way needs one connection; waiting for a user whom another goroutine of the same process has needs
// none. [sql.DB.SetMaxOpenConns] of 1 is enough for correctness. Behind a pooler, use transaction or session pooling,
// not statement pooling.
//
// # When the database is away
//
//	moment                                 what happens
//	before a refresh                       its error, nothing was sent
//	during a refresh                       the lock is taken again on another connection, and the grant
//	                                       saved there, unless somebody saved another one meanwhile
//	at the commit of a save                it is looked up on another connection, and carried out there
//	                                       where it was lost, for up to 5 s
//	for 8 s while a rival can reach it     the rival trades the old refresh token in vain:
//	                                       [oauth.ErrReauthorize] from its source until the grant is saved
//	for longer than 5 s after a refresh    *[oauth.SaveError]: the source keeps the grant, and its next
//	                                       call saves it without another refresh. Keep the source.
//	the process is killed before the save  the grant is lost, as a response that nobody read:
//	                                       [oauth.ErrReauthorize] at the next refresh
package sqlstore
