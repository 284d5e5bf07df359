-- Of a person for whom many links were asked for: they then work in every browser in which one was asked for.
ALTER TABLE login_links ADD COLUMN is_shared boolean NOT NULL DEFAULT false;
