-- One row is one user's grant. An application writes no column of its own here:
-- the token belongs to whoever holds the row's lock.
CREATE TABLE oura_grants (
	user_id    text COLLATE "C" PRIMARY KEY,
	token      text NOT NULL,        -- as oauth.EncodeToken writes it, sealed where a key is given
	revision   text NOT NULL,        -- another one with every save
	expires_at timestamptz,          -- of the access token; null: not known
	dead_since timestamptz,          -- the service refused the refresh token: consent is needed
	saved_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX oura_grants_expires_at ON oura_grants (expires_at) WHERE dead_since IS NULL;

CREATE INDEX oura_grants_dead ON oura_grants (user_id) WHERE dead_since IS NOT NULL;
