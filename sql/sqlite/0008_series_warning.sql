ALTER TABLE downtime_series_history ADD COLUMN warning text; -- why no downtime was changed with this version; null: some were
