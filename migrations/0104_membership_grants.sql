-- migrate:up

-- The memberships that directories of people grant (groups of an identity provider, SCIM, LDAP): what each source said
-- last. A synchronisation compares with that, and acts on the difference alone.
CREATE TABLE membership_grants (
    source text NOT NULL CONSTRAINT membership_grants_source_format CHECK (source ~ '^[a-z][a-z0-9_-]{0,31}$'),
    workspace_id bigint NOT NULL CONSTRAINT membership_grants_workspace_exists REFERENCES workspaces ON DELETE CASCADE,
    user_id bigint NOT NULL CONSTRAINT membership_grants_user_exists REFERENCES users ON DELETE CASCADE,
    granted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, workspace_id, user_id)
);
CREATE INDEX membership_grants_user_idx ON membership_grants (user_id, workspace_id);
CREATE INDEX membership_grants_workspace_idx ON membership_grants (workspace_id);

-- Whether a membership came with a grant; it goes with the last one. All others are made by hand, and stay.
ALTER TABLE workspace_members ADD COLUMN granted boolean NOT NULL DEFAULT false;

-- The last synchronisation of each whole directory. stopped_at: since when it would take more than may go at once; let_go:
-- an operator allows the next one to.
CREATE TABLE synchronisations (
    source text PRIMARY KEY CONSTRAINT synchronisations_source_format CHECK (source ~ '^[a-z][a-z0-9_-]{0,31}$'),
    synchronised_at timestamptz,
    stopped_at timestamptz,
    let_go boolean NOT NULL DEFAULT false,
    had bigint NOT NULL DEFAULT 0 CONSTRAINT synchronisations_had_range CHECK (had >= 0),
    going bigint NOT NULL DEFAULT 0 CONSTRAINT synchronisations_going_range CHECK (going >= 0)
);

-- migrate:down
DROP TABLE synchronisations;
ALTER TABLE workspace_members DROP COLUMN granted;
DROP TABLE membership_grants;
