-- migrate:up

-- Somebody is asked to come into a workspace, and has not answered yet. The names are those of the time: of later ones an
-- outsider learns nothing.
CREATE TABLE workspace_invitations (
    workspace_id   bigint NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    user_id        bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    role           text NOT NULL DEFAULT 'member',
    invited_by     bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    workspace_name text NOT NULL,
    inviter_name   text NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, workspace_id),
    CONSTRAINT workspace_invitations_role_known CHECK (role IN ('owner', 'admin', 'member'))
);
CREATE INDEX workspace_invitations_workspace_idx ON workspace_invitations (workspace_id, user_id);
CREATE INDEX workspace_invitations_invited_by_idx ON workspace_invitations (invited_by);

-- Who has left a workspace by themselves, or declined to come: only they let themselves in again.
CREATE TABLE workspace_departures (
    workspace_id bigint NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    user_id      bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    PRIMARY KEY (workspace_id, user_id)
);
CREATE INDEX workspace_departures_user_idx ON workspace_departures (user_id);

-- Whose invitations somebody does not want: those into one workspace, or those of one person.
CREATE TABLE invitation_blocks (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id      bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    workspace_id bigint REFERENCES workspaces ON DELETE CASCADE,
    inviter_id   bigint REFERENCES users ON DELETE CASCADE,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT invitation_blocks_one CHECK (num_nonnulls(workspace_id, inviter_id) = 1),
    CONSTRAINT invitation_blocks_key UNIQUE NULLS NOT DISTINCT (user_id, workspace_id, inviter_id)
);
CREATE INDEX invitation_blocks_workspace_idx ON invitation_blocks (workspace_id) WHERE workspace_id IS NOT NULL;
CREATE INDEX invitation_blocks_inviter_idx ON invitation_blocks (inviter_id) WHERE inviter_id IS NOT NULL;

-- Whether members see each other's e-mail addresses. Admins and owners do in any case.
ALTER TABLE workspaces ADD COLUMN show_emails boolean NOT NULL DEFAULT true;

-- migrate:down
ALTER TABLE workspaces DROP COLUMN show_emails;
DROP TABLE invitation_blocks, workspace_departures, workspace_invitations;
