-- API tokens have a table of their own: a user may have any number of them, told apart by name. SQLite drops no unique column,
-- so the table of users is made anew, and the table of sessions with it, which refers to it.

ALTER TABLE downtime_user RENAME TO downtime_user_before;
ALTER TABLE downtime_session RENAME TO downtime_session_before;

CREATE TABLE downtime_user (
  id integer PRIMARY KEY AUTOINCREMENT,
  name text NOT NULL UNIQUE,
  password_hash text, -- null: can't sign in with a password
  staff integer NOT NULL DEFAULT 0 CHECK (staff IN (0, 1)),
  active integer NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  origin text NOT NULL DEFAULT 'local' CHECK (origin IN ('local', 'portal')), -- where the user was created
  -- Of a user from the portal:
  portal_grant text, -- lets us ask after the user without the password, encrypted
  portal_due text, -- when to ask next
  portal_confirmed text, -- when the portal last confirmed the user
  password_confirmed text -- when the portal last accepted the password
) STRICT;

INSERT INTO downtime_user
  (id, name, password_hash, staff, active, origin, portal_grant, portal_due, portal_confirmed, password_confirmed)
SELECT id, name, password_hash, staff, active, origin, portal_grant, portal_due, portal_confirmed, password_confirmed
FROM downtime_user_before;

CREATE TABLE downtime_token (
  id integer PRIMARY KEY AUTOINCREMENT,
  user_id integer NOT NULL REFERENCES downtime_user (id),
  name text NOT NULL,
  hash text NOT NULL UNIQUE, -- SHA-256 of the token
  created text, -- null: unknown
  last_used text, -- to the hour; null: not since tokens have this column
  UNIQUE (user_id, name)
) STRICT;

INSERT INTO downtime_token (user_id, name, hash)
SELECT id, CASE origin WHEN 'portal' THEN 'portal' ELSE 'default' END, token_hash
FROM downtime_user_before WHERE token_hash IS NOT NULL;

CREATE TABLE downtime_session (
  id_hash text PRIMARY KEY, -- SHA-256 of the cookie's random id
  user_id integer NOT NULL REFERENCES downtime_user (id),
  created text NOT NULL,
  seen text NOT NULL -- when a request last came with it, to the minute
) STRICT;

INSERT INTO downtime_session (id_hash, user_id, created, seen)
SELECT id_hash, user_id, created, seen FROM downtime_session_before;

DROP TABLE downtime_session_before;
DROP TABLE downtime_user_before;

CREATE INDEX downtime_session_user ON downtime_session (user_id);
