-- For undo: JSON, [id, name before, name after] of downtimes that became another occurrence without a new version; null: none.
ALTER TABLE downtime_series_history ADD COLUMN renamed text;

-- For the activity page: change sets by time and by person, and what each did where, from the index alone.
CREATE INDEX downtime_change_set_at ON downtime_change_set ("at", id);
CREATE INDEX downtime_change_set_by ON downtime_change_set ("by", "at", id);
DROP INDEX downtime_history_change_set;
CREATE INDEX downtime_history_change_set ON downtime_history (change_set, site, telescope, action)
  WHERE change_set IS NOT NULL;
