-- migrate:up

-- inactive: deactivated by themselves or by an operator, who alone takes it back.
ALTER TABLE users DROP CONSTRAINT users_status_known;
ALTER TABLE users ADD CONSTRAINT users_status_known CHECK (status IN ('active', 'inactive', 'suspended'));
ALTER TABLE sessions DROP CONSTRAINT sessions_revoked_reason;
ALTER TABLE sessions ADD CONSTRAINT sessions_revoked_reason CHECK (
    num_nulls(revoked_at, revoked_reason) IN (0, 2)
    AND revoked_reason IN ('logout', 'logout_all', 'password_changed', 'token_reused', 'suspended', 'deactivated', 'operator'));

-- With a password, people of the workspace find a private channel and may join it. Archived: there to be read.
ALTER TABLE chats
    ADD COLUMN password_hash text,
    ADD COLUMN archived_at timestamptz,
    ADD CONSTRAINT chats_archived_at_range CHECK (isfinite(archived_at)),
    ADD CONSTRAINT chats_password_of_private CHECK (password_hash IS NULL OR type = 'PrivateChannel'),
    ADD CONSTRAINT chats_password_hash_length CHECK (length(password_hash) BETWEEN 1 AND 255);
CREATE INDEX chats_joinable_idx ON chats (workspace_id, id)
    WHERE (type = 'PublicChannel' OR password_hash IS NOT NULL) AND archived_at IS NULL;

-- Until then the member posts nothing. A column, since posting reads this row anyway.
ALTER TABLE chat_members
    ADD COLUMN silenced_until timestamptz,
    ADD CONSTRAINT chat_members_silenced_until_range CHECK (isfinite(silenced_until));
-- What is left of a silence when its member leaves: it waits here for them to come back. Kept by triggers.
CREATE TABLE chat_silences (
    chat_id bigint NOT NULL REFERENCES chats ON DELETE CASCADE,
    user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    until   timestamptz NOT NULL,
    PRIMARY KEY (chat_id, user_id)
);
CREATE INDEX chat_silences_user_idx ON chat_silences (user_id);

-- Who is kept out of a chat: until expires_at, or for good. It holds for who leaves the workspace and comes back.
CREATE TABLE chat_bans (
    chat_id    bigint NOT NULL REFERENCES chats ON DELETE CASCADE,
    user_id    bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    banned_by  bigint REFERENCES users ON DELETE SET NULL,
    reason     text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    PRIMARY KEY (chat_id, user_id),
    CONSTRAINT chat_bans_reason_length CHECK (length(reason) <= 500),
    CONSTRAINT chat_bans_expires_later CHECK (expires_at > created_at AND isfinite(expires_at))
);
CREATE INDEX chat_bans_user_idx ON chat_bans (user_id);
CREATE INDEX chat_bans_banned_by_idx ON chat_bans (banned_by);

-- A link that lets people in. Of its token only the SHA-256 is kept. To revoke one is to delete it.
CREATE TABLE chat_invites (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chat_id    bigint NOT NULL REFERENCES chats ON DELETE CASCADE,
    token_hash bytea NOT NULL,
    role       text NOT NULL DEFAULT 'member',
    created_by bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    max_uses   integer,
    uses       integer NOT NULL DEFAULT 0,
    CONSTRAINT chat_invites_role_known CHECK (role IN ('owner', 'admin', 'member')),
    CONSTRAINT chat_invites_token_hash_length CHECK (length(token_hash) = 32),
    CONSTRAINT chat_invites_expires_later CHECK (expires_at > created_at AND isfinite(expires_at)),
    CONSTRAINT chat_invites_max_uses_range CHECK (max_uses > 0),
    CONSTRAINT chat_invites_uses_range CHECK (uses BETWEEN 0 AND coalesce(max_uses, uses))
);
CREATE UNIQUE INDEX chat_invites_token_hash_key ON chat_invites (token_hash);
CREATE INDEX chat_invites_chat_idx ON chat_invites (chat_id, id);
CREATE INDEX chat_invites_created_by_idx ON chat_invites (created_by);

-- migrate:down
DROP TABLE chat_invites, chat_bans, chat_silences;
ALTER TABLE chat_members DROP COLUMN silenced_until;
ALTER TABLE chats DROP COLUMN archived_at, DROP COLUMN password_hash;
UPDATE sessions SET revoked_reason = 'operator' WHERE revoked_reason = 'deactivated';
ALTER TABLE sessions DROP CONSTRAINT sessions_revoked_reason;
ALTER TABLE sessions ADD CONSTRAINT sessions_revoked_reason CHECK (
    num_nulls(revoked_at, revoked_reason) IN (0, 2)
    AND revoked_reason IN ('logout', 'logout_all', 'password_changed', 'token_reused', 'suspended', 'operator'));
-- Shut out as before.
UPDATE users SET status = 'suspended' WHERE status = 'inactive';
ALTER TABLE users DROP CONSTRAINT users_status_known;
ALTER TABLE users ADD CONSTRAINT users_status_known CHECK (status IN ('active', 'suspended'));
