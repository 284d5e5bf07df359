-- Counts changes of messages that take no sequence number, so that what processes keep in memory is found out of date.
ALTER TABLE rooms ADD COLUMN message_rewrites bigint NOT NULL DEFAULT 0;

-- All whose global flags say something: processes keep them in memory, everybody else is ordinary.
CREATE INDEX users_with_flags ON users (id) WHERE banned OR moderator;
