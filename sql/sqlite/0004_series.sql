-- Series: plans that are expanded into ordinary downtimes.

CREATE TABLE downtime_series (
  id integer PRIMARY KEY AUTOINCREMENT, -- an id is never used again
  plan text NOT NULL, -- JSON: what it blocks, by which rule, why, with breaks; what it was before; where it ends
  created text NOT NULL,
  modified text NOT NULL,
  created_by text NOT NULL, -- a user's name, or the words for a command
  version integer NOT NULL DEFAULT 1 -- counts its versions
) STRICT;

-- Every version that a series ever had: as it was after it was created, changed or ended, or as it was when it was deleted.
CREATE TABLE downtime_series_history (
  id integer PRIMARY KEY AUTOINCREMENT,
  series_id integer NOT NULL,
  action text NOT NULL CHECK (action IN ('create', 'change', 'end', 'delete')),
  version integer NOT NULL, -- which one of the series' versions; a delete has the number of what it deleted
  "at" text NOT NULL,
  "by" text NOT NULL, -- a user's name, or the words for a command
  unconfirmed integer NOT NULL DEFAULT 0 CHECK (unconfirmed IN (0, 1)), -- 1: the portal could not be asked about the user
  plan text NOT NULL,
  created integer NOT NULL, -- downtimes that were created, changed and deleted with it
  changed integer NOT NULL,
  deleted integer NOT NULL
) STRICT;

CREATE INDEX downtime_series_history_series ON downtime_series_history (series_id, id);

ALTER TABLE downtime ADD COLUMN series integer REFERENCES downtime_series (id); -- null: of none
ALTER TABLE downtime ADD COLUMN occurrence text; -- which one of the series', wherever it was moved to since
ALTER TABLE downtime ADD COLUMN by_hand integer NOT NULL DEFAULT 0 CHECK (by_hand IN (0, 1)); -- 1: somebody changed what the series wrote

-- The downtimes of a series; no occurrence is there twice.
CREATE UNIQUE INDEX downtime_series_occurrence ON downtime (series, occurrence) WHERE series IS NOT NULL;

ALTER TABLE downtime_history ADD COLUMN series integer;
ALTER TABLE downtime_history ADD COLUMN occurrence text;
ALTER TABLE downtime_history ADD COLUMN by_hand integer NOT NULL DEFAULT 0 CHECK (by_hand IN (0, 1)); -- 1: changed, or deleted, by somebody rather than by the series

-- Which occurrences of a series somebody deleted, so that it doesn't bring them back.
CREATE INDEX downtime_history_series ON downtime_history (series, id) WHERE series IS NOT NULL;
