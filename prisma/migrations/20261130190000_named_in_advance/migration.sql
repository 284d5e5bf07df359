-- People whom an operator named and who were never here under that id: the worker drops those whom nothing needs any longer.
CREATE INDEX users_never_here ON users (id) WHERE last_active_at IS NULL;
