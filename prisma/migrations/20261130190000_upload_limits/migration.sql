-- What was uploaded lately, by whom and where, from the index alone: asked before each upload (upload-limits.ts).
CREATE INDEX files_uploaded_at_idx ON files (uploaded_at) INCLUDE (room_id, uploader_id, size);
