-- The two questions that are asked most, answered from their indexes alone: what the list is sorted and mostly filtered by
-- stands in them, and the version, which tells whether a row is known already.

DROP INDEX downtime_created;
CREATE INDEX downtime_created ON downtime (created, id, version);

-- The length's class was a column, but SQLite never takes an index with a generated column in it for all that a question
-- needs.
DROP INDEX downtime_window;
ALTER TABLE downtime DROP COLUMN length_class;
CREATE INDEX downtime_window ON downtime (
  -- How long it lasts, as the power of four seconds that is not less, from some minutes to some years.
  min(14, ceil(round(log(4, max(256, unixepoch("end") - unixepoch("start"))), 9))),
  "start", "end", created, version, site, telescope
);
