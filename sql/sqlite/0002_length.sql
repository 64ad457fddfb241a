-- How long a downtime lasts, in seconds: the page can be sorted by it.
ALTER TABLE downtime ADD COLUMN length_seconds integer NOT NULL
  GENERATED ALWAYS AS (unixepoch("end") - unixepoch("start")) VIRTUAL;
