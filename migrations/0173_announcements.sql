-- migrate:up

-- What an organisation tells its people. Without departments and groups it is for all of them. Whom it reaches is
-- settled when it is published.
CREATE TABLE announcements (
    id                       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id          bigint NOT NULL CONSTRAINT announcements_organization_exists REFERENCES organizations ON DELETE CASCADE,
    author_id                bigint CONSTRAINT announcements_author_exists REFERENCES users ON DELETE SET NULL,
    title                    text NOT NULL,
    content                  text NOT NULL,
    acknowledgement_required boolean NOT NULL DEFAULT false,
    department_ids           bigint[] NOT NULL DEFAULT '{}',
    group_ids                bigint[] NOT NULL DEFAULT '{}',
    created_at               timestamptz NOT NULL DEFAULT now(),
    updated_at               timestamptz NOT NULL DEFAULT now(),
    withdrawn_at             timestamptz,
    CONSTRAINT announcements_id_organization_id_key UNIQUE (id, organization_id),
    CONSTRAINT announcements_title_length CHECK (char_length(title) <= 200 AND title ~ '\S'),
    CONSTRAINT announcements_content_length CHECK (char_length(content) <= 10000 AND content ~ '\S'),
    CONSTRAINT announcements_audience_amount CHECK (cardinality(department_ids) <= 100 AND cardinality(group_ids) <= 100)
);
CREATE INDEX announcements_organization_idx ON announcements (organization_id, id);
CREATE INDEX announcements_author_idx ON announcements (author_id);

-- It is open for those who have not acknowledged it.
CREATE TABLE announcement_recipients (
    announcement_id bigint NOT NULL,
    user_id         bigint NOT NULL,
    organization_id bigint NOT NULL,
    acknowledged_at timestamptz,
    PRIMARY KEY (announcement_id, user_id),
    CONSTRAINT announcement_recipients_announcement_exists FOREIGN KEY (announcement_id, organization_id)
        REFERENCES announcements (id, organization_id) ON DELETE CASCADE,
    CONSTRAINT announcement_recipients_member_exists FOREIGN KEY (organization_id, user_id) REFERENCES organization_members ON DELETE CASCADE
);
CREATE INDEX announcement_recipients_user_idx ON announcement_recipients (user_id, announcement_id);
CREATE INDEX announcement_recipients_member_idx ON announcement_recipients (organization_id, user_id);
CREATE INDEX announcement_recipients_open_idx ON announcement_recipients (announcement_id, user_id) WHERE acknowledged_at IS NULL;

-- migrate:down
DROP TABLE announcement_recipients, announcements;
