-- migrate:up

-- Legal holds: what of a workspace must not be lost. What a hold narrows is what it covers: a person, a chat, a time. The
-- chat may be deleted meanwhile.
CREATE TABLE holds (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id   bigint NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    name           text NOT NULL,
    reason         text NOT NULL DEFAULT '',
    user_id        bigint REFERENCES users,
    chat_id        bigint,
    since          timestamptz,
    until          timestamptz,
    placed_by      bigint,
    placed_at      timestamptz NOT NULL DEFAULT now(),
    released_by    bigint,
    released_at    timestamptz,
    release_reason text,
    CONSTRAINT holds_name_length CHECK (length(name) <= 100 AND btrim(name) <> ''),
    CONSTRAINT holds_reason_length CHECK (length(reason) <= 1000),
    CONSTRAINT holds_release_reason_length CHECK (length(release_reason) <= 1000),
    CONSTRAINT holds_cover_something CHECK (num_nonnulls(user_id, chat_id, since, until) > 0),
    CONSTRAINT holds_range CHECK (since < until)
);
CREATE INDEX holds_in_force_idx ON holds (workspace_id) WHERE released_at IS NULL;
CREATE INDEX holds_of_workspace_idx ON holds (workspace_id, id);
CREATE INDEX holds_user_idx ON holds (user_id);

-- The chats that a held person has left: what was said there until then is still covered.
CREATE TABLE held_chats (
    hold_id bigint NOT NULL REFERENCES holds ON DELETE CASCADE,
    chat_id bigint NOT NULL,
    until   timestamptz NOT NULL,
    PRIMARY KEY (hold_id, chat_id)
);

-- What would have been edited away or deleted. Neither server may read it; an approved export does, by a function. Chats and
-- messages may be gone. A profile has no message.
CREATE TABLE held_content (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id  bigint NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    kind          text NOT NULL,
    chat_id       bigint,
    message_id    bigint,
    version       integer,
    seq           bigint,
    user_id       bigint NOT NULL,
    posted_at     timestamptz,
    written_at    timestamptz,
    content       jsonb NOT NULL,
    lost          text NOT NULL,
    lost_at       timestamptz NOT NULL DEFAULT now(),
    lost_by       bigint,
    database_role text NOT NULL DEFAULT SESSION_USER,
    hold_ids      bigint[] NOT NULL,
    CONSTRAINT held_content_once UNIQUE (message_id, version),
    CONSTRAINT held_content_kind_known CHECK (kind IN ('message', 'profile')),
    CONSTRAINT held_content_of_message CHECK (
        num_nulls(chat_id, message_id, version, seq, posted_at, written_at) = CASE kind WHEN 'message' THEN 0 ELSE 6 END),
    CONSTRAINT held_content_lost_known CHECK (lost IN ('edited', 'deleted'))
);
CREATE INDEX held_content_of_workspace_idx ON held_content (workspace_id, id);

-- A file that held content has lives as long as that.
CREATE TABLE held_files (
    content_id bigint NOT NULL REFERENCES held_content ON DELETE CASCADE,
    file_id    bigint NOT NULL REFERENCES files ON DELETE CASCADE,
    PRIMARY KEY (content_id, file_id)
);
CREATE INDEX held_files_file_idx ON held_files (file_id);

-- Since when a file is there for a hold alone: nobody sees it, not its uploader either.
ALTER TABLE files ADD COLUMN held_at timestamptz;

-- migrate:down
DELETE FROM files WHERE held_at IS NOT NULL;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE files DROP COLUMN held_at;
DROP TABLE held_files, held_content, held_chats, holds;
