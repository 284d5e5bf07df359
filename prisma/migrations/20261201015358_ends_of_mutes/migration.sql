-- When a mute ends, the default of that moment holds, whatever it was when the mute began. Null is no, as in old archives.
ALTER TABLE scheduled_changes ADD COLUMN to_default boolean;
