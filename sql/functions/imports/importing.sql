-- Importing archives (ADR 87). `fechatter import` fills the import_… tables, and these functions make of them what the rest of
-- the system knows, with what a trigger would otherwise do a row at a time: numbers, counts, threads, events.

-- Whether this transaction imports: the triggers that number, count and publish single messages leave that to it. Only the
-- owner of the tables can, whatever a server's role has set. Every post asks this: in PL/pgSQL it is planned once for a session.
CREATE FUNCTION importing() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF current_setting('fechatter.imports', true) IS DISTINCT FROM 'on' THEN
        RETURN false;
    END IF;
    RETURN pg_has_role(session_user, (SELECT relowner FROM pg_class WHERE oid = 'public.messages'::regclass), 'USAGE');
END
$$;

-- A time, or now if it is later; null stays null.
CREATE FUNCTION by_now(moment timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN moment > now() THEN now() ELSE moment END
$$;

-- Begins an import: what an earlier one has left in the import_… tables goes.
CREATE FUNCTION import_begin() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE import_people, import_files, import_emoji, import_chats, import_members, import_messages, import_follows,
        import_placed, import_replies, import_reactions, import_followers;
END
$$;

-- The import of an origin into a workspace, made if there is none. If no workspace is named: one that was to make a workspace and has
-- never ended, or a new one with a workspace of this name. Once it has ended, an archive's word for its origin leads nowhere:
-- imports_made_key refuses a second workspace, so an operator has to name the first.
CREATE FUNCTION import_of(
    source text, origin text, workspace bigint, name text, description text, workspace_made_at timestamptz
) RETURNS imports LANGUAGE plpgsql AS $$
DECLARE
    known imports;
    place bigint := workspace;
BEGIN
    SELECT * INTO known FROM imports i
    WHERE i.source = import_of.source AND i.origin = import_of.origin
      AND CASE WHEN workspace IS NULL THEN i.makes_workspace AND i.finished_at IS NULL ELSE i.workspace_id = workspace END;
    IF FOUND THEN
        RETURN known;
    END IF;
    IF place IS NULL THEN
        INSERT INTO workspaces (name, description, created_at)
        VALUES (import_of.name, import_of.description, coalesce(by_now(workspace_made_at), now())) RETURNING id INTO place;
    END IF;
    INSERT INTO imports (workspace_id, source, origin, makes_workspace)
    VALUES (place, import_of.source, import_of.origin, workspace IS NULL) RETURNING * INTO known;
    RETURN known;
END
$$;

-- A text with the names that its mentions have here.
CREATE FUNCTION import_text(content text) RETURNS text LANGUAGE plpgsql STABLE SET standard_conforming_strings = on AS $$
BEGIN
    IF strpos(content, E'\uFDD0') = 0 THEN
        RETURN content;
    END IF;
    RETURN (
        SELECT string_agg(coalesce('@' || u.username, part), '' ORDER BY place)
        FROM unnest(string_to_array(content, E'\uFDD0')) WITH ORDINALITY AS piece (part, place)
        LEFT JOIN import_people p ON p.n = CASE WHEN place % 2 = 0 THEN part::integer END
        LEFT JOIN users u ON u.id = p.user_id);
END
$$;

-- The files here of these numbers, in their order, without those that are not here. Those that people have seen elsewhere
-- do not come into this chat: an archive names files of private chats as easily as others.
CREATE FUNCTION import_files_of(numbers integer[], into_chat bigint) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT nullif(ARRAY(
        SELECT f.id FROM unnest(numbers) WITH ORDINALITY AS named (n, place)
        JOIN import_files i USING (n) JOIN files f ON f.id = i.file_id
        WHERE f.state <> 'refused'
          AND (NOT i.seen OR EXISTS (SELECT FROM file_uses u WHERE u.file_id = f.id AND u.chat_id = into_chat))
        ORDER BY place), '{}')
$$;

-- What a message says instead of its files that are not here.
CREATE FUNCTION import_missing_files(numbers integer[], into_chat bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(string_agg(E'\n📎 ' || i.name, '' ORDER BY place), '')
    FROM unnest(numbers) WITH ORDINALITY AS named (n, place) JOIN import_files i USING (n)
    WHERE import_files_of(ARRAY[n], into_chat) IS NULL
$$;

CREATE FUNCTION import_analyze() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    ANALYZE import_people, import_files, import_chats, import_members, import_messages, import_follows;
END
$$;

-- Where a message was forwarded from, of this archive or one before; null if that is not here.
CREATE FUNCTION import_origin(import bigint, said jsonb) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('message_id', message.id, 'chat_id', c.chat_id, 'sender_id', p.user_id)
    FROM import_chats c JOIN import_people p ON p.n = (said -> 'p')::integer
    CROSS JOIN LATERAL (SELECT coalesce(
        (SELECT message_id FROM import_placed WHERE external_id = said ->> 'm'),
        (SELECT local_id FROM import_refs r WHERE r.import_id = import AND r.kind = 'message' AND r.external_id = said ->> 'm')) AS id) message
    WHERE c.external_id = said ->> 'c' AND message.id IS NOT NULL
$$;
