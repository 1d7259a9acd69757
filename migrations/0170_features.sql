-- migrate:up

-- Which features are on: what app.yaml says, for the rules in SQL. One without a row is off.
CREATE TABLE features (
    name    text PRIMARY KEY,
    enabled boolean NOT NULL,
    CONSTRAINT features_name_known CHECK (name IN (
        'enable_organizations', 'enable_user_roles', 'enable_proxy_system', 'enable_bot_messages',
        'enable_online_statistics', 'enable_advanced_admin'))
);

-- A parent of workspaces. A workspace without one is as it always was.
CREATE TABLE organizations (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT organizations_name_length CHECK (char_length(name) <= 80 AND name ~ '\S')
);
ALTER TABLE workspaces ADD COLUMN organization_id bigint
    CONSTRAINT workspaces_organization_exists REFERENCES organizations;
CREATE INDEX workspaces_organization_idx ON workspaces (organization_id) WHERE organization_id IS NOT NULL;

-- The people of an organisation, whichever of its workspaces they are in. `source` says what has put them there: a
-- person, or a directory, whose name for them is `external_id`.
CREATE TABLE organization_members (
    organization_id bigint NOT NULL CONSTRAINT organization_members_organization_exists REFERENCES organizations ON DELETE CASCADE,
    user_id         bigint NOT NULL CONSTRAINT organization_members_user_exists REFERENCES users ON DELETE CASCADE,
    kind            text NOT NULL DEFAULT 'member',
    role            text NOT NULL DEFAULT 'member',
    source          text NOT NULL DEFAULT 'person',
    external_id     text,
    manager_id      bigint,
    joined_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, user_id),
    CONSTRAINT organization_members_kind_known CHECK (kind IN ('member', 'guest', 'bot')),
    CONSTRAINT organization_members_role_known CHECK (role IN ('owner', 'admin', 'member')),
    CONSTRAINT organization_members_role_of_members CHECK (role = 'member' OR kind = 'member'),
    CONSTRAINT organization_members_source_length CHECK (char_length(source) BETWEEN 1 AND 80),
    CONSTRAINT organization_members_external_id_length CHECK (char_length(external_id) BETWEEN 1 AND 200),
    CONSTRAINT organization_members_external_id_key UNIQUE (organization_id, source, external_id),
    CONSTRAINT organization_members_manager_is_another CHECK (manager_id <> user_id),
    CONSTRAINT organization_members_manager_exists FOREIGN KEY (organization_id, manager_id)
        REFERENCES organization_members ON DELETE SET NULL (manager_id)
);
CREATE INDEX organization_members_user_idx ON organization_members (user_id);
CREATE INDEX organization_members_manager_idx ON organization_members (organization_id, manager_id) WHERE manager_id IS NOT NULL;

-- Where an organisation differs from app.yaml.
CREATE TABLE organization_features (
    organization_id bigint NOT NULL CONSTRAINT organization_features_organization_exists REFERENCES organizations ON DELETE CASCADE,
    name            text NOT NULL,
    enabled         boolean NOT NULL,
    PRIMARY KEY (organization_id, name),
    CONSTRAINT organization_features_name_known CHECK (name IN (
        'enable_organizations', 'enable_user_roles', 'enable_proxy_system', 'enable_bot_messages',
        'enable_online_statistics', 'enable_advanced_admin'))
);

-- migrate:down
DROP TABLE organization_features, organization_members;
ALTER TABLE workspaces DROP COLUMN organization_id;
DROP TABLE organizations, features;
