-- Notifications: who is told of what, the messages on their way, and which process sends them.
CREATE TABLE downtime_notify_channel (
  id integer PRIMARY KEY AUTOINCREMENT,
  name text NOT NULL UNIQUE,
  draft text NOT NULL, -- JSON, as the API has it, without secrets
  sealed text NOT NULL, -- the address and the signing secret, encrypted
  "at" text NOT NULL, -- when it was last edited, and by whom
  "by" text NOT NULL
) STRICT;

CREATE TABLE downtime_notify_delivery (
  id integer PRIMARY KEY AUTOINCREMENT,
  channel integer NOT NULL REFERENCES downtime_notify_channel (id) ON DELETE CASCADE,
  key text NOT NULL UNIQUE, -- the same for every attempt, and known to the receiver
  message text NOT NULL, -- JSON
  created text NOT NULL,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'failed', 'dropped')),
  attempts integer NOT NULL DEFAULT 0,
  next_at text NOT NULL, -- when to try next
  answer text, -- the last answer, or why there was none
  answered text -- when
) STRICT;

CREATE INDEX downtime_notify_delivery_channel ON downtime_notify_delivery (channel, id);
CREATE INDEX downtime_notify_delivery_pending ON downtime_notify_delivery (channel, id) WHERE state = 'pending';
CREATE INDEX downtime_notify_delivery_created ON downtime_notify_delivery (created);

-- One process at a time sends. Its lease ends by the database's clock, in seconds since 1970.
CREATE TABLE downtime_notify_lease (
  id integer PRIMARY KEY CHECK (id = 1),
  holder text NOT NULL,
  ends real NOT NULL,
  change integer NOT NULL, -- the newest history entry, and the time, up to which messages are written
  "at" text NOT NULL
) STRICT;
INSERT INTO downtime_notify_lease VALUES (1, '', 0, 0, '1970-01-01T00:00:00Z');
