-- migrate:up

-- What somebody may do: permissions by their stable names (permissions_known()). Those without an organisation are built in:
-- memberships give them, and what they permit is in permissions_needed().
CREATE TABLE roles (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id bigint CONSTRAINT roles_organization_exists REFERENCES organizations ON DELETE CASCADE,
    name            text NOT NULL,
    description     text NOT NULL DEFAULT '',
    permissions     text[] NOT NULL DEFAULT '{}',
    source          text NOT NULL DEFAULT 'person',
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT roles_id_organization_id_key UNIQUE (id, organization_id),
    CONSTRAINT roles_name_length CHECK (char_length(name) <= 80 AND name ~ '\S'),
    CONSTRAINT roles_name_built_in CHECK (
        (organization_id IS NULL) = (lower(name) IN ('owner', 'admin', 'member', 'editor', 'viewer', 'guest'))),
    CONSTRAINT roles_description_length CHECK (char_length(description) <= 1000),
    CONSTRAINT roles_permissions_of_own CHECK (organization_id IS NOT NULL OR permissions = '{}'),
    CONSTRAINT roles_source_length CHECK (char_length(source) BETWEEN 1 AND 80)
);
CREATE UNIQUE INDEX roles_name_key ON roles (coalesce(organization_id, 0), lower(name));
INSERT INTO roles (name) VALUES ('owner'), ('admin'), ('member'), ('editor'), ('viewer'), ('guest');

-- Who has a role: a person, a group, or a department's people, with those of departments below it or without. Where: in one
-- place, in the chats that follow a department or one below it, or in the whole organisation. Until when: null, for good.
CREATE TABLE role_bindings (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id     bigint NOT NULL,
    role_id             bigint NOT NULL,
    user_id             bigint,
    group_id            bigint,
    department_id       bigint,
    with_below          boolean NOT NULL DEFAULT true,
    workspace_id        bigint CONSTRAINT role_bindings_workspace_exists REFERENCES workspaces ON DELETE CASCADE,
    scope_department_id bigint,
    chat_id             bigint CONSTRAINT role_bindings_chat_exists REFERENCES chats ON DELETE CASCADE,
    document_id         bigint CONSTRAINT role_bindings_document_exists REFERENCES documents ON DELETE CASCADE,
    ends_at             timestamptz,
    source              text NOT NULL DEFAULT 'person',
    created_at          timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT role_bindings_role_exists FOREIGN KEY (role_id, organization_id) REFERENCES roles (id, organization_id) ON DELETE CASCADE,
    CONSTRAINT role_bindings_user_exists FOREIGN KEY (organization_id, user_id) REFERENCES organization_members ON DELETE CASCADE,
    CONSTRAINT role_bindings_group_exists FOREIGN KEY (group_id, organization_id) REFERENCES groups (id, organization_id) ON DELETE CASCADE,
    CONSTRAINT role_bindings_department_exists FOREIGN KEY (department_id, organization_id)
        REFERENCES departments (id, organization_id) ON DELETE CASCADE,
    CONSTRAINT role_bindings_scope_department_exists FOREIGN KEY (scope_department_id, organization_id)
        REFERENCES departments (id, organization_id) ON DELETE CASCADE,
    CONSTRAINT role_bindings_one_subject CHECK (num_nonnulls(user_id, group_id, department_id) = 1),
    CONSTRAINT role_bindings_one_scope CHECK (num_nonnulls(workspace_id, scope_department_id, chat_id, document_id) <= 1),
    CONSTRAINT role_bindings_source_length CHECK (char_length(source) BETWEEN 1 AND 80),
    CONSTRAINT role_bindings_key UNIQUE NULLS NOT DISTINCT
        (role_id, user_id, group_id, department_id, workspace_id, scope_department_id, chat_id, document_id)
);
CREATE INDEX role_bindings_organization_idx ON role_bindings (organization_id, id);
CREATE INDEX role_bindings_user_idx ON role_bindings (organization_id, user_id) WHERE user_id IS NOT NULL;
CREATE INDEX role_bindings_group_idx ON role_bindings (group_id, organization_id) WHERE group_id IS NOT NULL;
CREATE INDEX role_bindings_department_idx ON role_bindings (department_id, organization_id) WHERE department_id IS NOT NULL;
CREATE INDEX role_bindings_workspace_idx ON role_bindings (workspace_id) WHERE workspace_id IS NOT NULL;
CREATE INDEX role_bindings_scope_department_idx ON role_bindings (scope_department_id, organization_id) WHERE scope_department_id IS NOT NULL;
CREATE INDEX role_bindings_chat_idx ON role_bindings (chat_id) WHERE chat_id IS NOT NULL;
CREATE INDEX role_bindings_document_idx ON role_bindings (document_id) WHERE document_id IS NOT NULL;
CREATE INDEX role_bindings_ends_at_idx ON role_bindings (ends_at) WHERE ends_at IS NOT NULL;

-- Whether somebody is a member by a role that is bound to the place, and by nobody's act.
ALTER TABLE chat_members ADD COLUMN by_role boolean NOT NULL DEFAULT false;
ALTER TABLE document_members ADD COLUMN by_role boolean NOT NULL DEFAULT false;

-- migrate:down
ALTER TABLE document_members DROP COLUMN by_role;
ALTER TABLE chat_members DROP COLUMN by_role;
DROP TABLE role_bindings, roles;
