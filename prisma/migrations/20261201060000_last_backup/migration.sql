-- When `plaza backup` last made a whole one, for metrics and alerts.
ALTER TABLE server_state ADD COLUMN last_backup_at double precision;
