-- What kind of downtime it is. The service knows the categories; here they are any text, and '' means that none is set.
ALTER TABLE downtime ADD COLUMN category text NOT NULL DEFAULT '';
ALTER TABLE downtime_history ADD COLUMN category text NOT NULL DEFAULT '';

-- The index holds whole rows.
DROP INDEX downtime_window;
CREATE INDEX downtime_window ON downtime (
  -- How long it lasts, as the power of four seconds that is not less, from some minutes to some years.
  min(14, ceil(round(log(4, max(256, unixepoch("end") - unixepoch("start"))), 9))),
  "start", "end", created, version, site, telescope, enclosure, instrument_type, reason, modified, series, category
);
