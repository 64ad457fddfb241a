-- Among a million rows the texts that are kept are few, and those of a window lie in as many places of the table as there
-- are rows. The index holds whole rows now, side by side: what overlaps a window is read without the table.

DROP INDEX downtime_window;
CREATE INDEX downtime_window ON downtime (
  -- How long it lasts, as the power of four seconds that is not less, from some minutes to some years.
  min(14, ceil(round(log(4, max(256, unixepoch("end") - unixepoch("start"))), 9))),
  "start", "end", created, version, site, telescope, enclosure, instrument_type, reason, modified, series
);
