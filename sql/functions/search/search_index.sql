-- The index of messages: what its follower reads of the log, and how it writes (docs/search/operating.md). One at a time
-- does, since each step names the state that it is a step from.

-- What to do for the next events, without their content: messages that have been written, edited or deleted, chats whose
-- messages below an id are gone (all of them if it is null), and pages that are new or have another name or snapshot. The
-- last row is the event reached; its kind is null if there is nothing to do for it.
CREATE FUNCTION search_changes(after bigint, amount integer)
RETURNS TABLE ("position" bigint, made_at timestamptz, kind text, chat_id bigint, message_id bigint, page_id bigint) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH next AS (
        SELECT e.position, e.created_at, e.chat_id, e.document_id, CASE
                   WHEN e.kind IN ('NewMessage', 'MessageUpdated', 'MessageDeleted') THEN 'message'
                   WHEN e.kind = 'ChatUpdated' AND e.payload ->> 'first_message_id' <> '1' THEN 'chat'
                   WHEN e.kind IN ('ChatDeleted', 'WorkspaceDeleted', 'WorkspaceMoved') THEN 'chat'
                   WHEN e.kind IN ('NewPage', 'PageEdited', 'PageUpdated') THEN 'page'
               END AS kind,
               CASE WHEN e.kind = 'MessageDeleted' THEN (e.payload ->> 'id')::bigint
                    WHEN e.kind = 'ChatUpdated' THEN (e.payload ->> 'first_message_id')::bigint
                    ELSE e.message_id END AS message_id
        FROM events e WHERE e.position > after ORDER BY e.position LIMIT amount
    )
    SELECT position, created_at, kind, chat_id, message_id, document_id FROM next
    WHERE kind IS NOT NULL OR position = (SELECT max(position) FROM next)
    ORDER BY position
$$;

-- The messages that were written or edited after the event up to which the index is complete: the newest `amount`.
CREATE FUNCTION search_tail(amount integer) RETURNS SETOF bigint LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT message_id FROM events
    WHERE position > (SELECT position FROM search_state) AND kind IN ('NewMessage', 'MessageUpdated') AND message_id IS NOT NULL
    ORDER BY position DESC LIMIT amount
$$;

-- Begins to build the index anew, from the newest message on; what is in it stays in use. It follows the log from here.
-- `sound`: what is in it is complete as far as it has followed the log, and goes on from there. Pages are all indexed again.
CREATE FUNCTION search_begin(rules integer, sound boolean) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM search_state FOR UPDATE;
    INSERT INTO search_pages AS known (page_id, due_at) SELECT page_id, now() FROM pages
    ON CONFLICT (page_id) DO UPDATE SET due_at = now(), version = CASE WHEN sound THEN known.version ELSE 0 END;
    IF sound THEN
        UPDATE search_state SET remaining = 9223372036854775807;
        RETURN;
    END IF;
    UPDATE search_state SET
        analyser = rules, epoch = log.epoch, position = log.head, remaining = 9223372036854775807, complete = false,
        made_at = (SELECT created_at FROM events WHERE events.position = log.head)
    FROM (SELECT log_state.epoch, log_head() AS head FROM log_state) log;
END
$$;

-- One step: documents are written or replaced, others deleted, and the state moves on. `tokens` has those of a document
-- with spaces between them. False, and nothing is done, if the state is not the one that the step is from.
CREATE FUNCTION search_store(
    from_position bigint, from_remaining bigint, to_position bigint, to_made_at timestamptz, to_remaining bigint,
    messages bigint[], chats bigint[], senders bigint[], times timestamptz[], tokens text[], gone bigint[]
) RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off SET enable_mergejoin = off AS $$
DECLARE
    fewer text[];
BEGIN
    PERFORM FROM search_state
    WHERE position = from_position AND remaining IS NOT DISTINCT FROM from_remaining FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    WITH given AS MATERIALIZED (
        SELECT message, chat, sender, made_at, array_to_tsvector(string_to_array(words, ' ')) AS tsv
        FROM unnest(messages, chats, senders, times, tokens) AS item (message, chat, sender, made_at, words)
    ), former AS MATERIALIZED (
        SELECT message_id, tsv FROM search_documents WHERE message_id = ANY (messages || gone)
    ), deleted AS (
        DELETE FROM search_documents WHERE message_id = ANY (gone)
    ), written AS (
        INSERT INTO search_documents (message_id, chat_id, sender_id, created_at, tsv)
        SELECT message, chat, sender, made_at, tsv FROM given ORDER BY message
        ON CONFLICT (message_id) DO UPDATE SET tsv = excluded.tsv WHERE search_documents.tsv <> excluded.tsv
    ), changed AS (
        SELECT token, sum(amount) AS amount FROM (
            SELECT unnest(tsvector_to_array(tsv)) COLLATE "C" AS token, 1 AS amount FROM given
            UNION ALL SELECT unnest(tsvector_to_array(tsv)), -1 FROM former
        ) each GROUP BY token HAVING sum(amount) <> 0
    ), counted AS (
        INSERT INTO search_tokens AS known (token, documents) SELECT token, amount FROM changed ORDER BY token
        ON CONFLICT (token) DO UPDATE SET documents = known.documents + excluded.documents
    )
    SELECT array_agg(token) FILTER (WHERE amount < 0) INTO fewer FROM changed;
    DELETE FROM search_tokens WHERE token = ANY (fewer) AND documents <= 0;
    UPDATE search_state SET
        epoch = CASE WHEN epoch = '' OR from_position <= log_last(epoch) THEN (SELECT log_state.epoch FROM log_state) ELSE epoch END,
        position = to_position, made_at = to_made_at, remaining = to_remaining, complete = complete OR to_remaining IS NULL;
    RETURN true;
END
$$;

-- Only an index's owner may do this.
CREATE FUNCTION search_tidy() RETURNS bigint LANGUAGE sql VOLATILE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT gin_clean_pending_list('search_documents_tokens_idx')
$$;
