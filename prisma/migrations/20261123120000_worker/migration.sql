-- Messages older than this are deleted, with tombstones. Null: kept.
ALTER TABLE rooms ADD COLUMN retention_days integer;
ALTER TABLE rooms ADD CONSTRAINT rooms_retention_days CHECK (retention_days > 0);

-- Retention looks for old messages that are still there.
CREATE INDEX messages_retention ON messages (room_id, posted_at) WHERE data IS NOT NULL;
