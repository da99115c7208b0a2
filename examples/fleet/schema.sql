-- Documents as they were last fetched. A row without a document says that it is
-- gone, and is kept for a while: a fetch from before must not bring it back.
CREATE TABLE IF NOT EXISTS fleet_objects (
	user_id   text COLLATE "C" NOT NULL,
	data_type text NOT NULL,
	object_id text NOT NULL,
	ticket    bigint NOT NULL,      -- drawn before the fetch; the highest wins
	day       date,                 -- of the document
	hash      text,                 -- its fingerprint, for the reconciler
	doc       jsonb,                -- null: the service does not have it any more
	stored_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	PRIMARY KEY (user_id, data_type, object_id)
);

CREATE INDEX IF NOT EXISTS fleet_objects_gone ON fleet_objects (stored_at) WHERE doc IS NULL;

CREATE SEQUENCE IF NOT EXISTS fleet_tickets;

-- When the reconciler is to look at a person again.
CREATE TABLE IF NOT EXISTS fleet_visits (
	user_id text COLLATE "C" PRIMARY KEY,
	due     timestamptz NOT NULL
);

CREATE INDEX IF NOT EXISTS fleet_visits_due ON fleet_visits (due);
