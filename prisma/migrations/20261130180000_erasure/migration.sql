-- When tables were last written anew, and how many rows of each had changed by then; libs/storage knows what is in there.
ALTER TABLE server_state ADD COLUMN erasure jsonb;

-- ANALYZE copies samples of every column into pg_statistic, where what was deleted would stay until the next time. No
-- plan needs samples of what people wrote, so that none are taken.
ALTER TABLE messages ALTER COLUMN data SET STATISTICS 0, ALTER COLUMN signature SET STATISTICS 0;
ALTER TABLE message_revisions ALTER COLUMN data SET STATISTICS 0, ALTER COLUMN signature SET STATISTICS 0;
ALTER TABLE direct_messages ALTER COLUMN body SET STATISTICS 0;
ALTER TABLE reactions ALTER COLUMN emoji SET STATISTICS 0;
ALTER TABLE files ALTER COLUMN filename SET STATISTICS 0, ALTER COLUMN sha256 SET STATISTICS 0,
  ALTER COLUMN image_hash SET STATISTICS 0;
ALTER TABLE rooms ALTER COLUMN token SET STATISTICS 0, ALTER COLUMN token_key SET STATISTICS 0,
  ALTER COLUMN name SET STATISTICS 0, ALTER COLUMN description SET STATISTICS 0;
ALTER TABLE room_rules ALTER COLUMN filters SET STATISTICS 0, ALTER COLUMN automod SET STATISTICS 0;
ALTER TABLE pending_blinding ALTER COLUMN absolute_id SET STATISTICS 0;
ALTER TABLE moderation_log ALTER COLUMN room_token SET STATISTICS 0, ALTER COLUMN detail SET STATISTICS 0;
ALTER TABLE admin_tokens ALTER COLUMN name SET STATISTICS 0, ALTER COLUMN secret_hash SET STATISTICS 0;
ALTER TABLE admin_sessions ALTER COLUMN secret_hash SET STATISTICS 0;
ALTER TABLE login_links ALTER COLUMN code_hash SET STATISTICS 0, ALTER COLUMN browser_hash SET STATISTICS 0;
ALTER TABLE admin_answers ALTER COLUMN key SET STATISTICS 0, ALTER COLUMN request_hash SET STATISTICS 0,
  ALTER COLUMN headers SET STATISTICS 0, ALTER COLUMN body SET STATISTICS 0;
ALTER TABLE webhooks ALTER COLUMN name SET STATISTICS 0, ALTER COLUMN url SET STATISTICS 0,
  ALTER COLUMN salt SET STATISTICS 0, ALTER COLUMN old_salt SET STATISTICS 0, ALTER COLUMN pause_reason SET STATISTICS 0;
ALTER TABLE webhook_deliveries ALTER COLUMN room_token SET STATISTICS 0, ALTER COLUMN outcome SET STATISTICS 0;

-- Samples of before. An owner may drop them from PostgreSQL 18 on, a superuser always; where neither is so, they stay
-- until their tables are restored from a backup (PRIVACY.md says so).
DO $$
DECLARE
  sampled record;
BEGIN
  IF current_setting('server_version_num')::integer >= 180000 THEN
    FOR sampled IN SELECT relname, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
      WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND attnum > 0 AND attstattarget = 0
    LOOP
      PERFORM pg_clear_attribute_stats(current_schema(), sampled.relname, sampled.attname, false);
    END LOOP;
  ELSIF current_setting('is_superuser')::boolean THEN
    DELETE FROM pg_statistic USING pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE starelid = attrelid AND staattnum = attnum AND attstattarget = 0 AND attnum > 0 AND relkind = 'r'
      AND relnamespace = current_schema()::regnamespace;
  END IF;
END $$;
