-- migrate:up

-- People are searched for by any part of their names.
CREATE INDEX users_names_idx ON users USING gin (fold_name(fullname) gin_trgm_ops, fold_name(username) gin_trgm_ops);

-- migrate:down
DROP INDEX users_names_idx;
