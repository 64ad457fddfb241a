-- How long a downtime lasts, in seconds: the page can be sorted by it.
ALTER TABLE downtime ADD COLUMN length_seconds bigint NOT NULL
  GENERATED ALWAYS AS (extract(epoch FROM "end" - "start")) STORED;
