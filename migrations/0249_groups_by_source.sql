-- migrate:up

-- Who has put somebody into a group: a person, or a directory by its name in the settings.
ALTER TABLE group_members ADD COLUMN source text NOT NULL DEFAULT 'person'
    CONSTRAINT group_members_source_length CHECK (char_length(source) BETWEEN 1 AND 80);

-- migrate:down

ALTER TABLE group_members DROP COLUMN source;
