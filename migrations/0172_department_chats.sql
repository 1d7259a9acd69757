-- migrate:up

-- A chat whose members follow a department's people, with those of departments below it or without.
CREATE TABLE department_chats (
    chat_id       bigint PRIMARY KEY CONSTRAINT department_chats_chat_exists REFERENCES chats ON DELETE CASCADE,
    department_id bigint NOT NULL CONSTRAINT department_chats_department_exists REFERENCES departments ON DELETE CASCADE,
    with_below    boolean NOT NULL DEFAULT true,
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX department_chats_department_idx ON department_chats (department_id);

-- Whether somebody is a member by a department that the chat follows, and by nobody's act.
ALTER TABLE chat_members ADD COLUMN by_department boolean NOT NULL DEFAULT false;

-- migrate:down
ALTER TABLE chat_members DROP COLUMN by_department;
DROP TABLE department_chats;
