-- migrate:up

-- The one ordered log. Whoever sees position N sees every smaller position that will ever exist.
-- audience says who may see an event:
--   chat        the members of chat_id
--   workspaces  the members of workspace_ids, and user_id
--   user        user_id
CREATE TABLE events (
    position      bigint NOT NULL,
    kind          text NOT NULL,
    audience      text NOT NULL,
    chat_id       bigint,
    user_id       bigint,
    workspace_ids bigint[],
    payload       json NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (position, created_at),
    CONSTRAINT events_audience_known CHECK (
        CASE audience
            WHEN 'chat' THEN chat_id IS NOT NULL
            WHEN 'workspaces' THEN workspace_ids IS NOT NULL
            WHEN 'user' THEN user_id IS NOT NULL
            ELSE false
        END)
) PARTITION BY RANGE (created_at);

-- When somebody was let in: replay to a member starts no earlier than that.
CREATE INDEX events_granted_idx ON events (user_id, position) WHERE kind IN ('NewChat', 'WorkspaceMemberJoined');

-- Days are made ahead of time by log_maintain(); this catches what falls outside them.
CREATE TABLE events_default PARTITION OF events DEFAULT;

CREATE SEQUENCE events_position_seq CACHE 1;

-- The log's identity. floor is the highest position that retention has dropped.
CREATE TABLE log_state (
    singleton  boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    epoch      text NOT NULL,
    floor      bigint NOT NULL DEFAULT 0,
    cluster    text NOT NULL,
    moved_at   timestamptz NOT NULL DEFAULT now()
);

-- migrate:down
DROP TABLE log_state, events;
DROP SEQUENCE events_position_seq;
