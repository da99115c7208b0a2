-- Who is refreshing a grant: others leave the row to that holder while its
-- connection is broken.
ALTER TABLE oura_grants
	ADD COLUMN holder     text,       -- null: nobody
	ADD COLUMN held_until timestamptz -- when it counts as gone
;
