-- One row is one user's grant. Times are seconds since 1970, in UTC.
CREATE TABLE oura_grants (
	user_id    TEXT NOT NULL PRIMARY KEY,
	token      TEXT NOT NULL,        -- as oauth.EncodeToken writes it, sealed where a key is given
	revision   TEXT NOT NULL,        -- another one with every save
	expires_at INTEGER,              -- of the access token; null: not known
	dead_since INTEGER,              -- the service refused the refresh token: consent is needed
	saved_at   INTEGER NOT NULL
);

CREATE INDEX oura_grants_expires_at ON oura_grants (expires_at) WHERE dead_since IS NULL;

CREATE INDEX oura_grants_dead ON oura_grants (user_id) WHERE dead_since IS NOT NULL;
