-- migrate:up

-- What Clerk has said last about each of its objects: its webhooks come late, twice, in any order, or never. A
-- membership is one of `member`, who is a user there, in the organization `id`. What is gone stays on record for a
-- while, so that older news does not bring it back.
CREATE TABLE clerk_objects (
    kind text NOT NULL CONSTRAINT clerk_objects_kind CHECK (kind IN ('user', 'session', 'organization', 'membership')),
    id text NOT NULL CONSTRAINT clerk_objects_id_length CHECK (length(id) BETWEEN 1 AND 255),
    member text NOT NULL DEFAULT '',
    gone boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    learned_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (kind, id, member),
    CONSTRAINT clerk_objects_member_length CHECK (length(member) <= 255 AND (member <> '') = (kind = 'membership'))
);
CREATE INDEX clerk_objects_member_idx ON clerk_objects (member) WHERE kind = 'membership';
CREATE INDEX clerk_objects_learned_at_idx ON clerk_objects (learned_at);

-- migrate:down
DROP TABLE clerk_objects;
