-- What was deleted since an instant, for calendars that still say so.
CREATE INDEX downtime_history_deleted ON downtime_history ("at") WHERE action = 'delete';
