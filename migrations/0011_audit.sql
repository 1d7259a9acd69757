-- migrate:up

-- Every administrative act: who, what, before and after, from where. It outlives what it is about, so it refers to
-- nothing. actor_id is null for who wrote in psql or for a server's own work; database_role is the role of the connection.
CREATE TABLE audit_log (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at            timestamptz NOT NULL DEFAULT clock_timestamp(),
    workspace_id  bigint,
    chat_id       bigint,
    actor_id      bigint,
    database_role text NOT NULL DEFAULT session_user,
    address       text,
    action        text NOT NULL,
    target_type   text,
    target_id     bigint,
    before        jsonb,
    after         jsonb,
    CONSTRAINT audit_log_action_format CHECK (action ~ '^[a-z_]{1,64}$'),
    CONSTRAINT audit_log_target CHECK (num_nulls(target_type, target_id) IN (0, 2))
);
CREATE INDEX audit_log_workspace_idx ON audit_log (workspace_id, id);

-- Whoever signs out everywhere has ended sessions elsewhere too: that is another reason than signing out here.
ALTER TABLE sessions DROP CONSTRAINT sessions_revoked_reason;
ALTER TABLE sessions ADD CONSTRAINT sessions_revoked_reason CHECK (
    num_nulls(revoked_at, revoked_reason) IN (0, 2)
    AND revoked_reason IN ('logout', 'logout_all', 'password_changed', 'token_reused', 'suspended', 'operator'));

-- migrate:down
ALTER TABLE sessions DROP CONSTRAINT sessions_revoked_reason;
UPDATE sessions SET revoked_reason = 'logout' WHERE revoked_reason = 'logout_all';
ALTER TABLE sessions ADD CONSTRAINT sessions_revoked_reason CHECK (
    num_nulls(revoked_at, revoked_reason) IN (0, 2)
    AND revoked_reason IN ('logout', 'password_changed', 'token_reused', 'suspended', 'operator'));
DROP TABLE audit_log;
