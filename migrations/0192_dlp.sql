-- migrate:up

-- Rules of a workspace about what may be said in it. `expression` is what a keyword or pattern is searched by.
CREATE TABLE dlp_rules (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id bigint NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    name         text NOT NULL,
    kind         text NOT NULL,
    words        text[],
    pattern      text,
    expression   text,
    action       text NOT NULL,
    enabled      boolean NOT NULL DEFAULT true,
    created_by   bigint,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT dlp_rules_name_length CHECK (length(name) <= 100 AND btrim(name) <> ''),
    CONSTRAINT dlp_rules_kind_known CHECK (kind IN ('words', 'pattern', 'card_number', 'resident_id')),
    CONSTRAINT dlp_rules_of_kind CHECK ((kind = 'words') = (words IS NOT NULL) AND (kind = 'pattern') = (pattern IS NOT NULL)),
    CONSTRAINT dlp_rules_words_size CHECK (
        cardinality(words) BETWEEN 1 AND 20 AND array_position(words, NULL) IS NULL AND length(array_to_string(words, '')) <= 1000),
    CONSTRAINT dlp_rules_pattern_length CHECK (length(pattern) BETWEEN 1 AND 200),
    CONSTRAINT dlp_rules_action_known CHECK (action IN ('block', 'redact', 'flag'))
);
CREATE INDEX dlp_rules_of_workspace_idx ON dlp_rules (workspace_id, id);

-- What all rules of a workspace search for, in one row: nothing that is said contains a match of a rule unless it contains one
-- of these words or of this pattern. A workspace without a rule has no row.
CREATE TABLE dlp_screens (
    workspace_id bigint PRIMARY KEY REFERENCES workspaces ON DELETE CASCADE,
    words        text[] NOT NULL,
    pattern      text
);

-- What rules have blocked or flagged, until somebody has looked at it. What was blocked has no message.
CREATE TABLE held_messages (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id bigint NOT NULL REFERENCES workspaces ON DELETE CASCADE,
    chat_id      bigint NOT NULL REFERENCES chats ON DELETE CASCADE,
    sender_id    bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    message_id   bigint,
    rule_id      bigint,
    rule_name    text NOT NULL,
    action       text NOT NULL,
    type         text,
    content      text,
    metadata     jsonb,
    reply_to     bigint,
    files        bigint[],
    status       text NOT NULL DEFAULT 'open',
    handled_by   bigint,
    handled_at   timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT held_messages_action_known CHECK (action IN ('block', 'flag')),
    CONSTRAINT held_messages_status_known CHECK (status IN ('open', 'released', 'dismissed')),
    CONSTRAINT held_messages_flagged_is_posted CHECK (action = 'block' OR message_id IS NOT NULL)
);
CREATE INDEX held_messages_of_workspace_idx ON held_messages (workspace_id, id);
CREATE INDEX held_messages_chat_idx ON held_messages (chat_id);
CREATE INDEX held_messages_sender_idx ON held_messages (sender_id);
CREATE INDEX held_messages_message_idx ON held_messages (message_id);

-- migrate:down
DROP TABLE held_messages, dlp_screens, dlp_rules;
