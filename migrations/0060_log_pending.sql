-- migrate:up

-- What a transaction is about to tell, from its changes to its COMMIT (log_flush). Each sees its own rows alone and takes
-- them out itself, so it is empty to everybody else; unlogged, since a crash rolls those transactions back anyway.
--   first      the row whose trigger appends them all
--   source     the table whose tell_…() completes the event under the log's lock; null: it is complete
--   kind       null: nothing is told, only redacted
--   about      the id of what a source tells of, where no other column has it
--   tombstone  what earlier events have to carry from now on instead of message_id's content or, without one, of a draft
CREATE UNLOGGED TABLE log_pending (
    xid           xid8 NOT NULL DEFAULT pg_current_xact_id(),
    place         bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    first         boolean NOT NULL,
    source        name,
    kind          text,
    audience      text,
    chat_id       bigint,
    board_id      bigint,
    user_id       bigint,
    workspace_ids bigint[],
    message_id    bigint,
    about         bigint,
    payload       json,
    tombstone     json,
    PRIMARY KEY (xid, place)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_insert_threshold = -1);

CREATE INDEX log_pending_tombstones_idx ON log_pending (message_id) WHERE tombstone IS NOT NULL;

-- What a transaction has done to a membership so far: user, chat, board, workspace.
CREATE INDEX log_pending_memberships_idx ON log_pending ((ARRAY[user_id, chat_id, board_id, workspace_ids[1]]))
WHERE kind IN ('NewChat', 'NewBoard', 'BoardRestored', 'WorkspaceMemberJoined',
               'UserLeftChat', 'ChatDeleted', 'UserLeftBoard', 'BoardDeleted', 'WorkspaceMemberLeft', 'WorkspaceDeleted');

-- A draft is told by DraftChanged alone from now on, so that NewChat has none to be taken out.
UPDATE events SET payload = (SELECT json_object_agg(key, CASE WHEN key <> 'draft' THEN value END) FROM json_each(payload))
WHERE kind = 'NewChat' AND payload ->> 'draft' IS NOT NULL;
DROP INDEX events_drafts_idx;
CREATE INDEX events_drafts_idx ON events (chat_id, user_id) WHERE kind = 'DraftChanged';

-- migrate:down
DROP INDEX events_drafts_idx;
CREATE INDEX events_drafts_idx ON events (chat_id, user_id) WHERE kind IN ('DraftChanged', 'NewChat');
DROP TABLE log_pending;
