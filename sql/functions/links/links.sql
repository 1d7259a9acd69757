-- What is shown of links in messages: from the log to a queue of messages, and from there into them (chat_server/links).

-- Reads the next events of the log and queues the messages whose links are to be looked up: not those of workspaces that want
-- none, nor those that say `no_preview` or whose links were removed. An event of more than a day ago is passed over, and
-- so are messages while as many are waiting as `most_waiting`, or as many of their sender as `most_of_sender`. Returns
-- how many events there were; 0 too while another server does this.
CREATE FUNCTION follow_links(amount integer, most_waiting integer, most_of_sender integer) RETURNS integer LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    read integer;
    written bigint[];
BEGIN
    SELECT f.read, f.written INTO read, written FROM log_follow('link_state', amount, '{NewMessage,MessageUpdated}', '1 day') f;
    IF written IS NULL THEN
        RETURN read;
    END IF;
    WITH candidates AS MATERIALIZED (
        SELECT m.id, m.sender_id, l.message_id IS NOT NULL AS waits FROM messages m LEFT JOIN link_lookups l ON l.message_id = m.id
        WHERE m.id = ANY (written) AND shows_links(m)
    ), waiting AS (
        SELECT m.sender_id, count(*) AS amount FROM link_lookups l JOIN messages m ON m.id = l.message_id
        WHERE EXISTS (SELECT FROM candidates) GROUP BY m.sender_id
    ), placed AS (
        SELECT c.id, c.waits, coalesce(w.amount, 0) + count(*) FILTER (WHERE NOT c.waits) OVER (PARTITION BY c.sender_id ORDER BY c.id) AS place
        FROM candidates c LEFT JOIN waiting w ON w.sender_id = c.sender_id
    )
    INSERT INTO link_lookups (message_id)
    SELECT id FROM placed WHERE waits OR place <= most_of_sender
    ORDER BY id LIMIT greatest(0, most_waiting - (SELECT count(*) FROM link_lookups))
    ON CONFLICT (message_id) DO UPDATE SET tries = 0, due_at = now();
    RETURN read;
END
$$;

-- Whether a server may say elsewhere what is in a message. Of an unknown type it may not: its content may be encrypted.
CREATE FUNCTION is_readable(m messages) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT m.type IN ('text', 'image', 'file')
$$;

-- Whether a message has links of which something may be shown.
CREATE FUNCTION shows_links(m messages) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT m.deleted_at IS NULL AND is_readable(m) AND m.content ~* 'https?://'
       AND (m.metadata -> 'no_preview') IS DISTINCT FROM 'true' AND m.links IS DISTINCT FROM '[]'
       AND (SELECT w.link_previews FROM chats c JOIN workspaces w ON w.id = c.workspace_id WHERE c.id = m.chat_id)
$$;

-- Takes a message whose links are due for `seconds`, not one of these senders'; nothing if none is. `tries` counts this one.
CREATE FUNCTION claim_link_lookup(seconds double precision, busy bigint[])
RETURNS TABLE (message_id bigint, tries smallint, sender_id bigint, content text) LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH claimed AS (
        UPDATE link_lookups SET tries = least(link_lookups.tries + 1, 100), due_at = now() + make_interval(secs => seconds)
        WHERE link_lookups.message_id = (
            SELECT due.message_id FROM link_lookups due JOIN messages m ON m.id = due.message_id
            WHERE due.due_at <= now() AND m.sender_id <> ALL (busy)
            ORDER BY due.due_at, due.message_id LIMIT 1 FOR UPDATE OF due SKIP LOCKED)
        RETURNING link_lookups.message_id, link_lookups.tries
    )
    SELECT claimed.message_id, claimed.tries, m.sender_id, m.content FROM claimed JOIN messages m ON m.id = claimed.message_id
$$;

-- Shows what was found out of the links of a message that had this content. `looked_up` has them in their order: with
-- `preview_id` for what is known already; otherwise with `url_sha256` in hexadecimal, `seconds` for which it is good, `shown`
-- and `picture`, which may be null; or, for a link to something here, only with what is shown. With `again` the message is
-- looked up once more after `again` seconds. False, and nothing is shown, if the message has been edited or is to show
-- nothing meanwhile, or something known has gone.
CREATE FUNCTION show_links(message bigint, content_was text, looked_up jsonb, again double precision DEFAULT NULL) RETURNS boolean LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    target messages;
    link jsonb;
    known link_previews;
    shown jsonb := '[]';
    used bigint[] := '{}';
BEGIN
    SELECT * INTO target FROM messages WHERE id = message FOR NO KEY UPDATE;
    IF NOT FOUND OR target.content <> content_was OR NOT shows_links(target) THEN
        RETURN false;
    END IF;
    FOR link IN SELECT value FROM jsonb_array_elements(looked_up) LOOP
        IF link ? 'preview_id' THEN
            SELECT * INTO known FROM link_previews WHERE id = (link ->> 'preview_id')::bigint FOR KEY SHARE;
            IF NOT FOUND THEN
                RETURN false;
            END IF;
        ELSIF link ? 'url_sha256' THEN
            IF link -> 'picture' <> 'null' THEN
                PERFORM use_key((link -> 'picture' ->> 'key')::uuid);
            END IF;
            INSERT INTO link_previews (url_sha256, shown, expires_at, key, store, sealed_key, size)
            VALUES (decode(link ->> 'url_sha256', 'hex'), nullif(link -> 'shown', 'null'),
                    now() + make_interval(secs => (link -> 'seconds')::float8), (link -> 'picture' ->> 'key')::uuid,
                    link -> 'picture' ->> 'store', decode(link -> 'picture' ->> 'sealed_key', 'hex'), (link -> 'picture' -> 'size')::bigint)
            RETURNING * INTO known;
        ELSE
            shown := shown || link;
            CONTINUE;
        END IF;
        used := used || known.id;
        IF known.shown IS NOT NULL THEN
            shown := shown || (known.shown || jsonb_build_object('url', link -> 'url', 'id', known.id));
        END IF;
    END LOOP;
    INSERT INTO link_uses (message_id, link_preview_id) SELECT DISTINCT message, id FROM unnest(used) AS id ON CONFLICT DO NOTHING;
    UPDATE messages SET links = nullif(shown, '[]') WHERE id = message AND links IS DISTINCT FROM nullif(shown, '[]');
    DELETE FROM link_uses WHERE message_id = message AND link_preview_id <> ALL (used);
    IF again IS NULL THEN
        DELETE FROM link_lookups WHERE message_id = message;
    ELSE
        UPDATE link_lookups SET due_at = now() + make_interval(secs => again) WHERE message_id = message;
    END IF;
    RETURN true;
END
$$;

-- Ends a look-up that showed nothing: it is over if it has been tried too often or there is nothing to show, and else due again.
CREATE FUNCTION end_link_lookup(message bigint, most_tries integer) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM link_lookups l USING messages m
    WHERE l.message_id = message AND m.id = message AND (l.tries > most_tries OR NOT shows_links(m));
    UPDATE link_lookups SET due_at = now() WHERE message_id = message;
END
$$;

-- Removes what is shown of a message's links, for good: an edit brings nothing back.
CREATE FUNCTION remove_links(message bigint) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE messages SET links = '[]' WHERE id = message AND deleted_at IS NULL AND links IS DISTINCT FROM '[]'
$$;

-- What an edit leaves of a message's links: those whose URL is still in the text, to its last letter.
CREATE FUNCTION links_left(m messages) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN m.metadata -> 'no_preview' = 'true' THEN NULL WHEN m.links = '[]' THEN m.links ELSE (
        SELECT jsonb_agg(link ORDER BY place) FROM jsonb_array_elements(m.links) WITH ORDINALITY AS each (link, place)
        WHERE EXISTS (SELECT FROM regexp_matches(m.content, 'https?://[^\s<>"]+', 'gi') AS run
                      WHERE starts_with(run[1], link ->> 'url') AND substr(run[1], length(link ->> 'url') + 1) !~ '[\w/?#=&%~+@:-]'))
    END
$$;

-- What a user may see of a link to this server, in one workspace or, if it is null, in all of theirs. Nothing, where they may
-- not see it: each kind has the rule by which it is opened. `public`: what is published for everyone is.
CREATE FUNCTION see_link(person bigint, workspace bigint, kind text, target bigint, chat bigint, address text, public boolean)
RETURNS TABLE (title text, excerpt text, sender_id bigint, created_at timestamptz) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    CASE kind
    WHEN 'message' THEN
        RETURN QUERY SELECT u.fullname, left(m.content, 300), m.sender_id, m.created_at
        FROM messages m JOIN chats c ON c.id = m.chat_id JOIN users u ON u.id = m.sender_id
            JOIN chat_members cm ON cm.chat_id = c.id AND cm.user_id = person
        WHERE m.id = target AND c.id = chat AND m.deleted_at IS NULL AND (workspace IS NULL OR c.workspace_id = workspace);
    WHEN 'chat' THEN
        RETURN QUERY SELECT c.name, NULL::text, NULL::bigint, NULL::timestamptz FROM chats c
        WHERE c.id = target AND c.name <> '' AND (workspace IS NULL OR c.workspace_id = workspace)
          AND (EXISTS (SELECT FROM chat_members cm WHERE cm.chat_id = c.id AND cm.user_id = person)
               OR c.type = 'PublicChannel' AND EXISTS (
                   SELECT FROM workspace_members w WHERE w.workspace_id = c.workspace_id AND w.user_id = person));
    WHEN 'board', 'page' THEN
        RETURN QUERY SELECT d.name, NULL::text, NULL::bigint, NULL::timestamptz
        FROM documents d JOIN document_members dm ON dm.document_id = d.id AND dm.user_id = person
        WHERE d.id = target AND d.kind = see_link.kind AND d.deleted_at IS NULL AND (workspace IS NULL OR d.workspace_id = workspace);
    WHEN 'publication' THEN
        RETURN QUERY SELECT p.name, NULL::text, NULL::bigint, NULL::timestamptz
        FROM page_publications p JOIN documents d ON d.id = p.page_id JOIN workspaces w ON w.id = d.workspace_id
        WHERE p.slug = address AND d.deleted_at IS NULL AND (workspace IS NULL OR d.workspace_id = workspace)
          AND (p.audience = 'public' AND w.public_publishing AND public OR EXISTS (
              SELECT FROM workspace_members w WHERE w.workspace_id = d.workspace_id AND w.user_id = person));
    WHEN 'file' THEN
        RETURN QUERY SELECT f.name, NULL::text, NULL::bigint, NULL::timestamptz FROM files f
        WHERE f.id = target AND sees_file(f, person) AND (workspace IS NULL OR f.workspace_id = workspace);
    ELSE
        NULL;
    END CASE;
END
$$;
