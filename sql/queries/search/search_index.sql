-- name: search_lock()
-- Whether this connection is now the one that indexes. Others leave the work to it; search_store() does not depend on it.
SELECT pg_try_advisory_lock(hashtext('fechatter.search'));

-- name: search_progress()
-- How far the index is, whether it is of the log as it is now, how far the log is ahead in events and in time, and how many
-- pages wait to be indexed.
SELECT state.analyser, state.position, state.made_at, state.remaining, state.complete,
       (state.position <= log_last(state.epoch) OR state.epoch = '' AND state.position = 0) AND (
           state.position <= log_state.floor
           OR state.made_at = (SELECT created_at FROM events WHERE events.position = state.position)
       ) IS TRUE AND state.position >= log_state.floor AS continues,
       log_head() - state.position AS events_behind,
       coalesce(extract(epoch FROM now() - (
           SELECT created_at FROM events WHERE events.position > state.position ORDER BY events.position LIMIT 1)), 0)::float8 AS seconds_behind,
       (SELECT count(*) FROM search_pages WHERE due_at IS NOT NULL) AS pages_waiting
FROM search_state state, log_state;

-- name: search_changes(position, amount)
-- What to do for the next events, and the last of these.
SELECT position, made_at, kind, chat_id, message_id, page_id FROM search_changes(:position, :amount);

-- name: search_contents(messages)
-- What is indexed of these messages. One that is gone or deleted is left out.
SELECT id, chat_id, sender_id, created_at, content, type, mentions, mentions_everyone, file_types(files) AS file_types
FROM messages WHERE id = ANY (:messages::bigint[]) AND deleted_at IS NULL;

-- name: search_contents_below(message, amount)
-- The same for the newest messages below an id, newest first. Deleted ones are there, without content.
SELECT id, chat_id, sender_id, created_at, content, type, mentions, mentions_everyone, file_types(files) AS file_types
FROM messages WHERE id < :message ORDER BY id DESC LIMIT :amount;

-- name: search_without_message(lowest, below)
-- What the index has between two ids that is no message, or a deleted one.
SELECT message_id FROM search_documents
WHERE message_id >= :lowest AND message_id < :below
  AND NOT EXISTS (SELECT FROM messages WHERE id = message_id AND deleted_at IS NULL);

-- name: search_gone_of_chat(chat, below, amount)
-- What the index has of messages of a chat that are gone: those below an id or, if it is null, all of a chat that is gone.
SELECT message_id FROM search_documents
WHERE chat_id = :chat AND message_id < coalesce(:below::bigint, 9223372036854775807)
  AND NOT EXISTS (SELECT FROM messages WHERE id = message_id)
LIMIT :amount;

-- name: search_gone_with_chats(amount)
-- What the index has of messages of chats that are gone.
SELECT message_id FROM search_documents WHERE NOT EXISTS (SELECT FROM chats WHERE id = chat_id) LIMIT :amount;

-- name: search_tidy()
-- Puts the newest entries of the index in their places. Until then each search reads them one by one.
SELECT search_tidy();

-- name: search_begin(analyser, sound)
-- Begins to build the index anew.
SELECT search_begin(:analyser, :sound);

-- name: search_store(from_position, from_remaining, to_position, to_made_at, to_remaining, messages, chats, senders, created_at, tokens, gone)
-- One step of the follower; false if another one was faster.
SELECT search_store(:from_position, :from_remaining, :to_position, :to_made_at, :to_remaining,
                    :messages, :chats, :senders, :created_at, :tokens, :gone);
