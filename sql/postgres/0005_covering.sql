-- The two questions that are asked most, answered from their indexes alone: what the list is sorted and mostly filtered by
-- stands in them, and the version, which tells whether a row is known already.

DROP INDEX downtime_created;
CREATE INDEX downtime_created ON downtime (created, id) INCLUDE (version);

-- An index of spans finds what overlaps a window without classes of lengths, which took the planner longer than the search.
ALTER TABLE downtime DROP COLUMN length_class;
CREATE INDEX downtime_window ON downtime
  USING gist (tstzrange(least("start", "end"), greatest("start", "end"), '[]'))
  INCLUDE ("start", "end", created, id, version, site, telescope);
