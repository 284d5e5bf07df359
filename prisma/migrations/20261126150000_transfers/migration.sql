-- An import that was begun and not finished: no server works on this database until it is. Null: none.
ALTER TABLE server_state ADD COLUMN unfinished_import jsonb;
