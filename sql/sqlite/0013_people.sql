-- Every change of a user: who made it, when and how. It contains no secrets.
CREATE TABLE downtime_user_history (
  id integer PRIMARY KEY AUTOINCREMENT,
  user_id integer NOT NULL REFERENCES downtime_user (id),
  action text NOT NULL, -- create, grant_staff, revoke_staff, enable, disable, set_password, create_token, revoke_token
  token text, -- the name of the token; null: the action isn't about one
  "at" text NOT NULL,
  "by" text NOT NULL, -- a username, or the words for a command
  unconfirmed integer NOT NULL DEFAULT 0 CHECK (unconfirmed IN (0, 1)), -- 1: the portal could not be asked about "by"
  once_key text -- identifies the form that was sent, so that a second click writes nothing; null: no form
) STRICT;

CREATE INDEX downtime_user_history_user ON downtime_user_history (user_id, id);
CREATE INDEX downtime_user_history_once ON downtime_user_history (once_key) WHERE once_key IS NOT NULL;

-- Where a user signed in; null: unknown.
ALTER TABLE downtime_session ADD COLUMN browser text;
ALTER TABLE downtime_session ADD COLUMN address text;
