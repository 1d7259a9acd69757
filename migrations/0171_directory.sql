-- migrate:up

-- The tree of an organisation. `place` orders the departments below one parent. A hidden one is seen by its own people
-- and by admins alone.
CREATE TABLE departments (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id bigint NOT NULL CONSTRAINT departments_organization_exists REFERENCES organizations ON DELETE CASCADE,
    parent_id       bigint,
    name            text NOT NULL,
    place           integer NOT NULL DEFAULT 0,
    hidden          boolean NOT NULL DEFAULT false,
    source          text NOT NULL DEFAULT 'person',
    external_id     text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT departments_id_organization_id_key UNIQUE (id, organization_id),
    CONSTRAINT departments_parent_exists FOREIGN KEY (parent_id, organization_id) REFERENCES departments (id, organization_id),
    CONSTRAINT departments_name_length CHECK (char_length(name) <= 80 AND name ~ '\S'),
    CONSTRAINT departments_source_length CHECK (char_length(source) BETWEEN 1 AND 80),
    CONSTRAINT departments_external_id_length CHECK (char_length(external_id) BETWEEN 1 AND 200),
    CONSTRAINT departments_external_id_key UNIQUE (organization_id, source, external_id)
);
CREATE UNIQUE INDEX departments_name_key ON departments (organization_id, coalesce(parent_id, 0), name);
CREATE INDEX departments_parent_idx ON departments (parent_id, organization_id);

-- Who is below whom, each department itself included at depth 0; kept by triggers.
CREATE TABLE department_tree (
    ancestor_id   bigint NOT NULL CONSTRAINT department_tree_ancestor_exists REFERENCES departments ON DELETE CASCADE,
    department_id bigint NOT NULL CONSTRAINT department_tree_department_exists REFERENCES departments ON DELETE CASCADE,
    depth         smallint NOT NULL,
    PRIMARY KEY (ancestor_id, department_id),
    CONSTRAINT department_tree_depth CHECK (depth BETWEEN 0 AND 14)
);
CREATE INDEX department_tree_department_idx ON department_tree (department_id);

CREATE TABLE positions (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id bigint NOT NULL CONSTRAINT positions_organization_exists REFERENCES organizations ON DELETE CASCADE,
    name            text NOT NULL,
    CONSTRAINT positions_id_organization_id_key UNIQUE (id, organization_id),
    CONSTRAINT positions_name_length CHECK (char_length(name) <= 80 AND name ~ '\S'),
    CONSTRAINT positions_name_key UNIQUE (organization_id, name)
);

-- What somebody is in a department: of several at most one is primary. `is_current` says whether it has begun and not
-- ended; maintenance turns it.
CREATE TABLE appointments (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id bigint NOT NULL,
    department_id   bigint NOT NULL,
    user_id         bigint NOT NULL,
    position_id     bigint,
    is_head         boolean NOT NULL DEFAULT false,
    is_primary      boolean NOT NULL DEFAULT false,
    starts_at       timestamptz,
    ends_at         timestamptz,
    is_current      boolean NOT NULL DEFAULT true,
    source          text NOT NULL DEFAULT 'person',
    CONSTRAINT appointments_member_exists FOREIGN KEY (organization_id, user_id) REFERENCES organization_members ON DELETE CASCADE,
    CONSTRAINT appointments_department_exists FOREIGN KEY (department_id, organization_id) REFERENCES departments (id, organization_id),
    CONSTRAINT appointments_position_exists FOREIGN KEY (position_id, organization_id) REFERENCES positions (id, organization_id)
        ON DELETE SET NULL (position_id),
    CONSTRAINT appointments_key UNIQUE NULLS NOT DISTINCT (department_id, user_id, position_id),
    CONSTRAINT appointments_times_in_order CHECK (starts_at < ends_at),
    CONSTRAINT appointments_source_length CHECK (char_length(source) BETWEEN 1 AND 80)
);
CREATE UNIQUE INDEX appointments_primary_key ON appointments (organization_id, user_id) WHERE is_primary;
CREATE INDEX appointments_user_idx ON appointments (organization_id, user_id);
CREATE INDEX appointments_position_idx ON appointments (position_id, organization_id) WHERE position_id IS NOT NULL;
CREATE INDEX appointments_times_idx ON appointments (least(starts_at, ends_at)) WHERE starts_at IS NOT NULL OR ends_at IS NOT NULL;

-- Flat, and named as user names are, since messages mention them.
CREATE TABLE groups (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id bigint NOT NULL CONSTRAINT groups_organization_exists REFERENCES organizations ON DELETE CASCADE,
    name            text NOT NULL,
    description     text NOT NULL DEFAULT '',
    source          text NOT NULL DEFAULT 'person',
    external_id     text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT groups_id_organization_id_key UNIQUE (id, organization_id),
    CONSTRAINT groups_name_format CHECK (name ~ '^[A-Za-z0-9]([A-Za-z0-9._-]{0,30}[A-Za-z0-9])?$'
        AND lower(name) NOT IN ('here', 'all', 'everyone', 'channel')),
    CONSTRAINT groups_description_length CHECK (char_length(description) <= 1000),
    CONSTRAINT groups_source_length CHECK (char_length(source) BETWEEN 1 AND 80),
    CONSTRAINT groups_external_id_length CHECK (char_length(external_id) BETWEEN 1 AND 200),
    CONSTRAINT groups_external_id_key UNIQUE (organization_id, source, external_id)
);
CREATE UNIQUE INDEX groups_name_key ON groups (organization_id, lower(name));

CREATE TABLE group_members (
    group_id        bigint NOT NULL,
    user_id         bigint NOT NULL,
    organization_id bigint NOT NULL,
    PRIMARY KEY (group_id, user_id),
    CONSTRAINT group_members_group_exists FOREIGN KEY (group_id, organization_id) REFERENCES groups (id, organization_id) ON DELETE CASCADE,
    CONSTRAINT group_members_member_exists FOREIGN KEY (organization_id, user_id) REFERENCES organization_members ON DELETE CASCADE
);
CREATE INDEX group_members_user_idx ON group_members (organization_id, user_id);

-- migrate:down
DROP TABLE group_members, groups, appointments, positions, department_tree, departments;
