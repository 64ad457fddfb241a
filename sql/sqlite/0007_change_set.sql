-- Change sets: all that one transaction did to downtimes and series, under one id.

CREATE TABLE downtime_change_set (
  id integer PRIMARY KEY AUTOINCREMENT, -- an id is never used again
  kind text NOT NULL, -- create, edit, delete, restore, close, end, extend, import, migrate, or one of a series
  "at" text NOT NULL,
  "by" text NOT NULL, -- a username, or the words for a command
  unconfirmed integer NOT NULL DEFAULT 0 CHECK (unconfirmed IN (0, 1)), -- 1: the portal could not be asked about the user
  once_key text UNIQUE -- identifies the form that was sent, so that a second click writes nothing; null: no form
) STRICT;

-- Null: written before there were change sets.
ALTER TABLE downtime_history ADD COLUMN change_set integer;
ALTER TABLE downtime_series_history ADD COLUMN change_set integer;

CREATE INDEX downtime_history_change_set ON downtime_history (change_set) WHERE change_set IS NOT NULL;
CREATE INDEX downtime_series_history_change_set ON downtime_series_history (change_set) WHERE change_set IS NOT NULL;
