-- migrate:up

-- What a draft has left in the log is taken out when the draft changes or goes: found by chat and writer.
CREATE INDEX events_drafts_idx ON events (chat_id, user_id) WHERE kind IN ('DraftChanged', 'NewChat');

-- Drafts that were replaced or deleted before.
UPDATE events SET payload = json_build_object('chat_id', chat_id, 'user_id', user_id, 'draft', NULL)
WHERE kind = 'DraftChanged' AND payload ->> 'draft' IS NOT NULL
  AND NOT EXISTS (SELECT FROM drafts d WHERE d.chat_id = events.chat_id AND d.user_id = events.user_id
                                         AND d.content = events.payload -> 'draft' ->> 'content');

-- migrate:down
DROP INDEX events_drafts_idx;
