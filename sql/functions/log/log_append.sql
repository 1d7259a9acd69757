-- Appending to the log. At COMMIT the deferred triggers of sql/triggers/ collect a transaction's events in log_pending,
-- row by row and without a lock. Then log_flush() acquires the log's lock and appends them all (ADR 20).

-- Adds one event to those of this transaction. Called by the deferred triggers of sql/triggers/, never by hand.
-- message_id: the message whose content the payload has. tombstone: replaces that message's content in all earlier
-- events or, without a message, the user's earlier drafts in the chat or, with its id in `about`, in a thread of it; with a null
-- kind nothing else is done. effect:
-- what the event does to the access of user_id, see access_effect(). A user who joins and leaves a place in one
-- transaction was never there: neither is published, nor a second departure.
CREATE FUNCTION log_append(
    kind text, audience text, payload json, chat_id bigint DEFAULT NULL, document_id bigint DEFAULT NULL,
    user_id bigint DEFAULT NULL, workspace_ids bigint[] DEFAULT NULL, message_id bigint DEFAULT NULL, tombstone json DEFAULT NULL,
    effect text DEFAULT NULL, about bigint DEFAULT NULL
) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    IF effect = 'revoke' AND EXISTS (SELECT FROM log_pending_of_membership(user_id, chat_id, document_id, workspace_ids[1])) THEN
        RETURN;
    END IF;
    INSERT INTO log_pending (first, kind, audience, payload, chat_id, document_id, user_id, workspace_ids, message_id, tombstone, effect, about)
    VALUES (NOT EXISTS (SELECT FROM log_pending p WHERE p.xid = pg_current_xact_id() AND p.first),
            kind, audience, payload, chat_id, document_id, user_id, workspace_ids, message_id, tombstone, effect, about);
END
$$;

-- The same for an event with data of rows that others may be changing: their counts, names, newest messages. The data
-- must be exact at its position, so tell_<source>() builds the payload under the log's lock, for all such events of the
-- transaction together; one whose payload stays null is dropped. A snapshot older than the lock would not see earlier
-- changes, so such transactions are refused.
CREATE FUNCTION log_defer(
    kind text, audience text, source name, chat_id bigint DEFAULT NULL, document_id bigint DEFAULT NULL,
    user_id bigint DEFAULT NULL, workspace_ids bigint[] DEFAULT NULL, about bigint DEFAULT NULL, payload json DEFAULT NULL,
    effect text DEFAULT NULL
) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    PERFORM refuse_old_snapshot();
    IF effect IN ('grant', 'grant_admin')
       AND EXISTS (SELECT FROM log_pending_of_membership(user_id, chat_id, document_id, workspace_ids[1]) AS pending
                   WHERE pending.source IS NOT NULL) THEN
        RETURN;
    END IF;
    INSERT INTO log_pending (first, source, kind, audience, payload, chat_id, document_id, user_id, workspace_ids, about, effect)
    VALUES (NOT EXISTS (SELECT FROM log_pending p WHERE p.xid = pg_current_xact_id() AND p.first),
            source, kind, audience, payload, chat_id, document_id, user_id, workspace_ids, about, effect);
END
$$;

CREATE FUNCTION refuse_old_snapshot() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
        RAISE feature_not_supported USING
            MESSAGE = format('members and profiles cannot be changed in %s', upper(current_setting('transaction_isolation'))),
            DETAIL = 'Their events include other rows, which may have changed since this transaction began.',
            HINT = 'Use READ COMMITTED.';
    END IF;
END
$$;

-- A number for the events that a statement gathers by itself, all together and before COMMIT (log_pending.batch). The first of
-- them opens the batch, which queues log_batch() among the deferred triggers.
CREATE FUNCTION log_new_batch() RETURNS bigint LANGUAGE sql AS $$
    SELECT nextval('log_pending_place_seq')
$$;

-- A batch's turn at COMMIT, as a row without an event: its events come after those of earlier changes, and before later ones'.
CREATE FUNCTION log_batch() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    INSERT INTO log_pending (first, batch)
    VALUES (NOT EXISTS (SELECT FROM log_pending p WHERE p.xid = pg_current_xact_id() AND p.first), NEW.batch);
    RETURN NULL;
END
$$;

-- What this transaction has done to a membership so far: who was added (with a source) or removed.
CREATE FUNCTION log_pending_of_membership(person bigint, chat bigint, document bigint, workspace bigint)
RETURNS SETOF log_pending LANGUAGE sql STABLE AS $$
    SELECT * FROM log_pending
    WHERE ARRAY[user_id, chat_id, document_id, workspace_ids[1]] = ARRAY[person, chat, document, workspace]
      AND effect IN ('grant', 'grant_admin', 'revoke')
$$;

-- Whether a role in a workspace, chat or document receives events for its admins.
CREATE FUNCTION administers(role text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT role IN ('owner', 'admin')
$$;

-- What a change of role does to access, as in events.effect; a null old role: they join.
CREATE FUNCTION access_effect(before text, after text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN before IS NULL THEN CASE WHEN administers(after) THEN 'grant_admin' ELSE 'grant' END
        WHEN administers(after) AND NOT administers(before) THEN 'promote'
        WHEN administers(before) AND NOT administers(after) THEN 'demote'
    END
$$;

-- What remains of the effect of a change of role if the role at COMMIT is another one.
CREATE FUNCTION effect_at_commit(effect text, role text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN (effect = 'promote') = administers(role) THEN effect END
$$;

-- Acquires the log's lock, which is held until this transaction is visible to all. Do not wait for a row lock after it.
CREATE FUNCTION log_lock() RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(hashtext('fechatter.log'))
$$;

-- Acquires the log's lock in order to append. It is held until the transaction is visible to all, so positions become visible
-- in order; slow work is done before it. Readers see a commit only when it is durable, whatever the session's settings: a
-- crash never takes back what was read. Returns the epoch, and the channel on which events are sent.
CREATE FUNCTION log_open(OUT epoch text, OUT channel text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    moved boolean;
BEGIN
    IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'local', true);
    END IF;
    PERFORM log_lock();
    SELECT state.epoch, state.channel, log_timeline(cluster) <> left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)
    INTO epoch, channel, moved FROM log_state state;
    -- The first append on another timeline begins its epoch: what is there now is the last of the former one.
    IF moved THEN
        epoch := log_check_epoch();
    END IF;
END
$$;

-- An event as it is sent along with a notification.
CREATE FUNCTION event_notice(e events) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_array(e.position, e.kind, e.audience, e.chat_id, e.document_id, e.user_id, e.workspace_ids, e.message_id,
                            e.effect, e.payload, e.created_at)
$$;

-- The text of a notification, as chat_core/log/handover.py reads it. PostgreSQL sends less than 8,000 bytes.
CREATE FUNCTION log_notice(epoch text, first bigint, last bigint, events json) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT json_build_array(epoch, first, last, CASE WHEN octet_length(events::text) < 7800 THEN events END)::text
$$;

-- Notifies of the events between two positions, which follow each other without a gap, since only the holder of the lock takes
-- any. `appended`: the events themselves, if they are few and small, so that notify_server need not read them (ADR 33); none
-- while notifications queue up because a listener does not take them: a full queue fails every COMMIT.
CREATE FUNCTION log_ring(epoch text, channel text, first bigint, last bigint, appended json) RETURNS void LANGUAGE sql AS $$
    SELECT pg_notify('fechatter_log', ''),
           CASE WHEN channel IS NOT NULL THEN pg_notify(channel, log_notice(epoch, first, last, appended)) END
$$;

-- Appends the transaction's events. It runs last: deferred triggers that are queued by deferred triggers wait until all
-- of these are done. No event is sent along before COMMIT, since the transaction may still delete its content: after SET
-- CONSTRAINTS ALL IMMEDIATE, the trigger that adds the first event fires this one within itself.
CREATE FUNCTION log_flush() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    own CONSTANT xid8 := pg_current_xact_id();
    deferred boolean;
    redacts boolean;
    small boolean;
    seen bigint;
    channel text;
    epoch text;
    first bigint;
    last bigint;
    appended json;
BEGIN
    SELECT bool_or(source IS NOT NULL), bool_or(tombstone IS NOT NULL), count(*) <= 16 AND coalesce(sum(octet_length(payload::text)), 0) < 7800
           AND pg_trigger_depth() = 1 AND pg_notification_queue_usage() < 0.1
    INTO deferred, redacts, small FROM log_pending WHERE xid = own;
    IF redacts THEN
        seen := log_redact();
    END IF;
    SELECT * INTO epoch, channel FROM log_open();
    IF redacts THEN
        PERFORM log_redact_snapshots(above => seen);
    END IF;
    IF deferred THEN
        PERFORM log_complete();
        small := small AND (SELECT coalesce(sum(octet_length(payload::text)), 0) < 7800 FROM log_pending WHERE xid = own);
    END IF;
    WITH gathered AS (
        DELETE FROM log_pending WHERE xid = own RETURNING *
    ), ordered AS (
        SELECT *, CASE WHEN batch IS NULL THEN place ELSE max(place) OVER (PARTITION BY batch) END AS turn FROM gathered
    ), appended AS (
        INSERT INTO events (position, kind, audience, chat_id, document_id, user_id, workspace_ids, message_id, effect, payload)
        SELECT nextval('events_position_seq'), kind, audience, chat_id, document_id, user_id, workspace_ids,
               CASE WHEN tombstone IS NULL THEN message_id END, effect, payload
        FROM ordered WHERE kind IS NOT NULL AND (payload IS NOT NULL OR source IS NULL) ORDER BY turn, place
        RETURNING position, CASE WHEN small THEN event_notice(events) END AS event
    )
    SELECT min(position), max(position), json_agg(event ORDER BY position) FILTER (WHERE small)
    INTO first, last, appended FROM appended;
    IF first IS NOT NULL THEN
        PERFORM log_ring(epoch, channel, first, last, appended);
    END IF;
    RETURN NULL;
END
$$;

-- Appends the events of new messages at once and not at COMMIT, without log_pending: for post_messages() as all that its
-- transaction does.
CREATE FUNCTION log_append_messages(chat_ids bigint[], message_ids bigint[], payloads json[]) RETURNS void LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    small CONSTANT boolean := cardinality(message_ids) <= 16 AND pg_column_size(payloads) < 7800 AND pg_notification_queue_usage() < 0.1;
    channel text;
    epoch text;
    first bigint;
    last bigint;
    appended json;
BEGIN
    SELECT * INTO epoch, channel FROM log_open();
    WITH appended AS (
        INSERT INTO events (position, kind, audience, chat_id, message_id, payload)
        SELECT nextval('events_position_seq'), 'NewMessage', 'chat', chat, message, payload
        FROM unnest(chat_ids, message_ids, payloads) AS item (chat, message, payload)
        RETURNING position, CASE WHEN small THEN event_notice(events) END AS event
    )
    SELECT min(position), max(position), json_agg(event ORDER BY position) FILTER (WHERE small)
    INTO first, last, appended FROM appended;
    PERFORM log_ring(epoch, channel, first, last, appended);
END
$$;

-- Builds the deferred payloads, table by table.
CREATE FUNCTION log_complete() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    source name;
BEGIN
    FOR source IN SELECT DISTINCT p.source FROM log_pending p WHERE xid = pg_current_xact_id() AND p.source IS NOT NULL LOOP
        EXECUTE format('SELECT %I()', 'tell_' || source);
    END LOOP;
END
$$;

-- Redacts the content of deleted messages from the log: their events now have the tombstone, also in the snapshots of
-- users who joined later; and earlier drafts (ADR 9). Returns the position up to which snapshots were searched. It runs
-- before the log's lock: nobody else changes the rows of a message's or draft's own events while its row is locked, and
-- those of snapshots belong to the holder of the lock of their chats' part of the log.
CREATE FUNCTION log_redact() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    own CONSTANT xid8 := pg_current_xact_id();
    seen bigint;
BEGIN
    UPDATE log_pending p SET payload = gone.tombstone
    FROM log_pending gone
    WHERE p.xid = own AND p.tombstone IS NULL AND gone.xid = own AND gone.tombstone IS NOT NULL AND gone.message_id = p.message_id;
    UPDATE events e SET payload = gone.tombstone
    FROM log_pending gone
    WHERE gone.xid = own AND gone.tombstone IS NOT NULL AND e.message_id = gone.message_id;
    UPDATE events e SET payload = (SELECT json_object_agg(key, CASE WHEN key <> 'draft' THEN value END) FROM json_each(e.payload))
    FROM (SELECT DISTINCT chat_id, user_id, about FROM log_pending
          WHERE xid = own AND tombstone IS NOT NULL AND message_id IS NULL) gone
    WHERE e.kind = 'DraftChanged' AND e.chat_id = gone.chat_id AND e.user_id = gone.user_id AND e.payload ->> 'draft' IS NOT NULL
      AND (e.payload ->> 'thread_id')::bigint IS NOT DISTINCT FROM gone.about;
    PERFORM pg_advisory_xact_lock(hashtext('fechatter.redaction'), part)
    FROM (SELECT DISTINCT (chat_id % 64)::integer AS part FROM log_pending
          WHERE xid = own AND tombstone IS NOT NULL AND message_id IS NOT NULL ORDER BY part) parts;
    seen := log_head();
    PERFORM log_redact_snapshots(above => 0);
    RETURN seen;
END
$$;

-- The snapshots of the deleted messages' chats above a position. A snapshot that has a message was made after it.
CREATE FUNCTION log_redact_snapshots(above bigint) RETURNS void LANGUAGE sql AS $$
    UPDATE events e SET payload = (
        SELECT json_object_agg(key, CASE key WHEN 'messages' THEN (
            SELECT array_to_json(array_agg(coalesce(gone.tombstone, message) ORDER BY number))
            FROM json_array_elements(value) WITH ORDINALITY AS listed (message, number)
            LEFT JOIN log_pending gone ON gone.xid = pg_current_xact_id() AND gone.tombstone IS NOT NULL
                                      AND gone.message_id = (message ->> 'id')::bigint
        ) ELSE value END) FROM json_each(e.payload))
    FROM (SELECT chat_id, min((tombstone ->> 'created_at')::timestamptz) AS since FROM log_pending
          WHERE xid = pg_current_xact_id() AND tombstone IS NOT NULL AND message_id IS NOT NULL GROUP BY chat_id) chat
    WHERE e.kind = 'NewChat' AND e.chat_id = chat.chat_id AND e.created_at >= chat.since AND e.position > above
      AND EXISTS (SELECT FROM json_array_elements(e.payload -> 'messages') AS message
                  JOIN log_pending gone ON gone.xid = pg_current_xact_id() AND gone.tombstone IS NOT NULL
                                       AND gone.message_id = (message ->> 'id')::bigint)
$$;
