-- Names begin with downtime, so that the tables can stand in a database that holds others'.
-- Instants are texts, YYYY-MM-DDTHH:MM:SSZ; created, modified and "at" are finer: YYYY-MM-DDTHH:MM:SS.ffffffZ.

CREATE TABLE downtime (
  id integer PRIMARY KEY AUTOINCREMENT, -- AUTOINCREMENT: an id is never used again
  "start" text NOT NULL,
  "end" text NOT NULL,
  site text NOT NULL,
  enclosure text NOT NULL,
  telescope text NOT NULL,
  instrument_type text NOT NULL DEFAULT '', -- '': the whole telescope
  reason text NOT NULL DEFAULT '',
  reason_folded text NOT NULL DEFAULT '', -- the reason without the difference of upper and lower case
  created text NOT NULL,
  modified text NOT NULL,
  created_by text, -- a user's name; null where nobody knows any more
  version integer NOT NULL DEFAULT 1, -- counts its versions
  -- How long it lasts, as the power of four seconds that is not less: what overlaps a window can then be found among few
  -- rows of each class, however long some others last.
  length_class integer NOT NULL GENERATED ALWAYS AS (
    ceil(round(log(4, max(1, unixepoch("end") - unixepoch("start"))), 9))
  ) STORED,
  -- What was moved in from another program is kept as it was, right or wrong.
  CHECK ("end" > "start" OR created_by IS NULL)
) STRICT;

-- What a list without filters is sorted by.
CREATE INDEX downtime_created ON downtime (created, id);
-- The scheduler's question: what overlaps a window.
CREATE INDEX downtime_window ON downtime (length_class, "start", "end");
-- What starts in a span, and the page sorted by it.
CREATE INDEX downtime_start ON downtime ("start", id);
-- A real-time session that is cancelled: the downtime of one observation; and whether the same downtime is there already.
-- The beginning of the reason is enough, and the whole may be longer than PostgreSQL's index takes.
CREATE INDEX downtime_reason ON downtime (substr(reason, 1, 100), site, enclosure, telescope);
-- What stands in the way on one telescope.
CREATE INDEX downtime_place ON downtime (site, telescope, "start");

-- Every version that a downtime ever had: as it was after it was created, changed
-- or brought back, or as it was when it was deleted.
CREATE TABLE downtime_history (
  id integer PRIMARY KEY AUTOINCREMENT,
  downtime_id integer NOT NULL,
  action text NOT NULL CHECK (action IN ('create', 'change', 'delete', 'restore')),
  version integer NOT NULL, -- which one of the downtime's versions; a delete has the number of what it deleted
  "at" text NOT NULL,
  "by" text NOT NULL, -- a user's name, or the words for a command
  unconfirmed integer NOT NULL DEFAULT 0 CHECK (unconfirmed IN (0, 1)), -- 1: the portal could not be asked about the user
  "start" text NOT NULL,
  "end" text NOT NULL,
  site text NOT NULL,
  enclosure text NOT NULL,
  telescope text NOT NULL,
  instrument_type text NOT NULL,
  reason text NOT NULL
) STRICT;

CREATE INDEX downtime_history_downtime ON downtime_history (downtime_id, id);

CREATE TABLE downtime_user (
  id integer PRIMARY KEY AUTOINCREMENT,
  name text NOT NULL UNIQUE,
  password_hash text, -- null: can't sign in with a password
  token_hash text UNIQUE, -- SHA-256 of the API token
  staff integer NOT NULL DEFAULT 0 CHECK (staff IN (0, 1)),
  active integer NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  origin text NOT NULL DEFAULT 'local' CHECK (origin IN ('local', 'portal')), -- where the user was made
  -- Of a user from the portal:
  portal_grant text, -- what lets us ask after the user without the password, encrypted
  portal_due text, -- when to ask next
  portal_confirmed text, -- when the portal last stood by the user
  password_confirmed text -- when the portal last took the password
) STRICT;

-- Browsers in which somebody is signed in.
CREATE TABLE downtime_session (
  id_hash text PRIMARY KEY, -- SHA-256 of the cookie's random id
  user_id integer NOT NULL REFERENCES downtime_user (id),
  created text NOT NULL,
  seen text NOT NULL -- when a request last came with it, to the minute
) STRICT;

CREATE INDEX downtime_session_user ON downtime_session (user_id);

-- Failed sign-ins of the last minute, by name and by address, to slow down guessing.
CREATE TABLE downtime_failure (
  id integer PRIMARY KEY AUTOINCREMENT,
  subject text NOT NULL,
  "at" text NOT NULL
) STRICT;

CREATE INDEX downtime_failure_subject ON downtime_failure (subject, "at");

-- What the service must remember about itself: its secret key, the last good answer of ConfigDB.
CREATE TABLE downtime_memory (
  name text PRIMARY KEY,
  value text NOT NULL,
  "at" text NOT NULL
) STRICT;
