-- What happened in each hour and on each day (UTC), in a room and (room 0) on the whole server. Sums alone: nothing in
-- here is about a person. No reference to rooms, since those of a room that is gone are removed with it, and a process
-- may bring its last counts a moment later.
CREATE TABLE statistics (
  room_id      bigint NOT NULL,
  step_hours   integer NOT NULL,
  at           double precision NOT NULL,
  active_users integer NOT NULL DEFAULT 0,
  posts        bigint NOT NULL DEFAULT 0,
  polls        bigint NOT NULL DEFAULT 0,
  files        bigint NOT NULL DEFAULT 0,
  file_bytes   bigint NOT NULL DEFAULT 0,
  moderation   jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (room_id, step_hours, at),
  CONSTRAINT statistics_step CHECK (step_hours IN (1, 24))
);
CREATE INDEX statistics_step_hours_at_idx ON statistics (step_hours, at);
