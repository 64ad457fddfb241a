-- Which ends mean "until further notice": those that a change set of this kind wrote, while the downtime still has them.
CREATE INDEX downtime_change_set_until_notice ON downtime_change_set (id) WHERE kind = 'until_notice';
