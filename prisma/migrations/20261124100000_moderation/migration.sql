-- Filter and automod rules: JSON that libs/moderation checks before it is written. The server's own, and those of
-- rooms, which lie apart from the room's row: that one is written again with every post.
ALTER TABLE server_state ADD COLUMN filter_rules jsonb NOT NULL DEFAULT '{}';
ALTER TABLE server_state ADD COLUMN automod_rules jsonb NOT NULL DEFAULT '{}';
ALTER TABLE server_state ADD COLUMN rules_version bigint NOT NULL DEFAULT 0;
CREATE TABLE room_rules (
  room_id bigint PRIMARY KEY REFERENCES rooms (id) ON DELETE CASCADE,
  filters jsonb NOT NULL DEFAULT '{}',
  automod jsonb NOT NULL DEFAULT '{}'
);
-- Counts changes of the room's rules, for running servers. 0: it has none.
ALTER TABLE rooms ADD COLUMN rules_version bigint NOT NULL DEFAULT 0;
-- Until then newcomers cannot write: too many came at once.
ALTER TABLE rooms ADD COLUMN raid_locked_until double precision;
CREATE INDEX rooms_raid_locked_until_idx ON rooms (raid_locked_until) WHERE raid_locked_until IS NOT NULL;

-- What rules about files look at; null where no rule of the room asked for it at the time of the upload.
ALTER TABLE files ADD COLUMN sha256 bytea;
ALTER TABLE files ADD COLUMN image_hash bytea;
ALTER TABLE files ADD COLUMN media_type text;
ALTER TABLE files ADD CONSTRAINT files_sha256_size CHECK (length(sha256) = 32);
ALTER TABLE files ADD CONSTRAINT files_image_hash_size CHECK (length(image_hash) = 8);

-- Shown in the sender's outbox, never in the recipient's inbox.
ALTER TABLE direct_messages ADD COLUMN swallowed boolean NOT NULL DEFAULT false;

-- Arrivals that are still known to the second: for a day, while rules for newcomers may ask.
CREATE INDEX users_exact_arrivals ON users (created_at) WHERE created_at <> floor(created_at / 3600) * 3600;
