-- migrate:up

-- Whom a directory has put into groups and departments: each synchronisation compares these with what it says now.
CREATE INDEX group_members_source_idx ON group_members (source, user_id) WHERE source <> 'person';
CREATE INDEX appointments_source_idx ON appointments (source, user_id) WHERE source <> 'person';

-- migrate:down
DROP INDEX group_members_source_idx;
DROP INDEX appointments_source_idx;
