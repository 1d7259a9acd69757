-- migrate:up

-- The order in which the clean-up takes keys. Files without a use go with their uploads, which have an index of their own.
CREATE INDEX blob_deletions_order_idx ON blob_deletions (tried_at NULLS FIRST, since);
DROP INDEX blob_deletions_since_idx;
DROP INDEX files_created_idx;

-- migrate:down
CREATE INDEX blob_deletions_since_idx ON blob_deletions (since);
CREATE INDEX files_created_idx ON files (created_at);
DROP INDEX blob_deletions_order_idx;
