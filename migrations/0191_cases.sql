-- migrate:up

-- Exports of what a hold covers: somebody asks for one, somebody else approves it.
CREATE TABLE cases (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id bigint NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    hold_id      bigint NOT NULL REFERENCES holds ON DELETE CASCADE,
    reason       text NOT NULL,
    asked_by     bigint NOT NULL,
    asked_at     timestamptz NOT NULL DEFAULT now(),
    decided_by   bigint,
    decided_at   timestamptz,
    approved     boolean,
    expires_at   timestamptz,
    exported_at  timestamptz,
    records      bigint,
    sha256       bytea,
    CONSTRAINT cases_reason_length CHECK (length(reason) <= 1000 AND btrim(reason) <> ''),
    CONSTRAINT cases_decided_whole CHECK (num_nulls(decided_by, decided_at, approved) IN (0, 3)),
    CONSTRAINT cases_two_people CHECK (NOT approved OR asked_by <> decided_by),
    CONSTRAINT cases_approval_ends CHECK ((approved IS TRUE) = (expires_at IS NOT NULL)),
    CONSTRAINT cases_exported_whole CHECK (num_nulls(exported_at, records, sha256) IN (0, 3))
);
CREATE INDEX cases_of_workspace_idx ON cases (workspace_id, id);
CREATE INDEX cases_hold_idx ON cases (hold_id);

-- migrate:down
DROP TABLE cases;
