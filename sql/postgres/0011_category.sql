-- What kind of downtime it is. The service knows the categories; here they are any text, and '' means that none is set.
ALTER TABLE downtime ADD COLUMN category text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE downtime_history ADD COLUMN category text COLLATE "C" NOT NULL DEFAULT '';
