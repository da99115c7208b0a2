// Package mirror keeps a copy of persons' data in a database of yours, and keeps it right: the first copy, what is new,
// late, changed and deleted afterwards, by events and by reading again. It is written against database/sql and brings no
// driver: SQLite and PostgreSQL.
//
//	db, err := sql.Open("sqlite", "file:oura.db?_pragma=journal_mode(WAL)")
//	m, err := mirror.Open(ctx, db, mirror.SQLite) // makes or upgrades its tables
//	me := m.Person(userID)                        // the id that PersonalInfo gives
//	report, err := me.Sync(ctx, client)
//
//	copy            [Person.Sync]: everything the first time, then what has changed. [Since], [Only], [Parallel], [Progress]
//	follow          [Mirror.Handler] for webhook.Handler, or [Mirror.Apply] in a worker; and Sync once a day. [Mirror.Due]
//	                says whose turn it is
//	ask             [Days], [Between] and [All]: typed, without a request; [Person.ListJSON] for any collection; or SQL, below
//	prove           [Person.Verify]: reads everything again and names each difference
//	hand over       [Person.Export]
//	forget          [Person.Forget]; [Mirror.People] says who there is
//
// # What holds
//
// When Sync has returned nil, the copy holds what the service listed. Today's documents go on changing, and recent days
// are amended: so each Sync reads the days since the last one again, and 14 days before that (3 of time series), see
// [Trailing]; and everything every 30 days, see [Whole]. Of a time series whose newest rows are all those of the copy, the
// days are read once an hour, see [Late]. What is not listed any more is asked for once more before it is removed. Between
// two Syncs, events bring single documents. Time series have no events.
//
// Documents are stored as they came, unknown properties included, and decoded when they are read: a newer version of
// this module reads what an older one has stored. A document that does not fit its model is stored too, and yielded as
// an *[oura.DocumentError].
//
// Every page is one transaction with the place after it. A process may be killed at any moment, and the next Sync goes
// on there. Events, Syncs and replicas may overtake each other: each draws a ticket before it fetches, and the document
// with the higher ticket stays, deletions included. One Sync of a person is under way at a time.
//
// # What it costs
//
// A Sync with nothing new costs one request for each collection. With new rows, or once an hour, heart rate costs about
// four more, as three days have more rows than a page holds. A new client costs one more, which tells whose it is, so keep
// a person's client. A first copy costs about one request for each day of heart rate. All wait for the client's limiter.
//
//	stored, with indexes                SQLite          PostgreSQL
//	a row of heart rate                 65 bytes        7 bytes
//	a daily activity                    8.3 KB          3.5 KB
//	another daily document              0.4 KB          0.6 KB
//
// A first copy of a year takes 0.9 of the time in which a loop walks the same pages and writes each row with a prepared
// INSERT, since a day of a time series is one row here. A year of nights from the copy takes 0.1 of the time of asking a
// service on the same machine. The figures are those of:
//
//	go test -C internal/integration/mirror -run TestSize -bench . -benchtime 5x -v
//
// A page, and a day of a time series, are in memory at a time, for each collection that is read side by side.
//
// # In SQL
//
// There is a view for each collection, oura_daily_sleep or oura_heartrate, with the columns user_id, id, day, and one for
// each scalar property: score, contributors_deep_sleep. Arrays are left out, and a value of another type than the API has
// is null. Instants are text as the service writes them, on PostgreSQL too: cast them where you need. Of a time series,
// day is the UTC day, by which the rows are stored: a condition on it is what makes a query fast.
//
//	SELECT day, score FROM oura_daily_sleep WHERE user_id = $1 AND day >= '2026-01-01' ORDER BY day
//
// The tables behind the views, oura_mirror_…, are this package's own and may change with it. A view is made anew when it
// changes; drop what depends on it before.
//
// # Consent, retention, export and deletion
//
// Facts that those need who answer for such data, under the GDPR or HIPAA for example. What the law asks of you is not
// said here.
//
// Consent. The copy is what the person has granted, collection by collection: a scope that is missing is in [Report], and
// no request is made for it. What was copied before a scope was withdrawn stays until you remove it. A grant that the
// person has ended at Oura is an [oura.ErrUnauthorized], or the token source's error, from Sync: nothing is removed.
//
// Retention. Nothing expires by itself. What the service deletes is removed from the copy, its content at once; a
// tombstone with the id, so that no older fetch brings it back, is swept by a Sync a week later. There is no copy of
// anything elsewhere: no log, no file.
//
// Where. All data is in the tables oura_mirror_people, _copies, _documents and _series of your database. They are not
// encrypted: encryption at rest, of backups too, is the database's or the disk's. Errors and formatted values hold no
// value of a document.
//
// Export. [Person.Export] writes all that the copy has of a person, each document as the service sent it, in one format
// that machines read.
//
// Deletion. [Person.Forget] removes all rows of a person in one transaction and returns how many. Events that come later
// bring nothing back. Removed rows are still in the database's files for a while. In SQLite, until the space is used
// again: PRAGMA secure_delete overwrites it, and VACUUM writes the file anew; the file beside it that ends in -wal is
// emptied by PRAGMA wal_checkpoint(TRUNCATE). In PostgreSQL, until VACUUM; and in the write-ahead log, replicas and
// backups, for as long as you keep those. To end the grant itself, call oauth.Disconnect first; and see
// sqlstore for the tokens.
package mirror
