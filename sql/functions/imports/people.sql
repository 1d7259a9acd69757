-- People of an archive: who of them is somebody here, and accounts for the others.

-- The account that a person of an archive is, if `matching` lets an address decide: 'members' of the workspace, or all whose
-- address is 'verified'. An address that nobody has verified proves nothing.
CREATE FUNCTION import_match(address text, workspace bigint, matching text) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT u.id FROM users u
    WHERE lower(u.email) = lower(address) AND u.email_verified_at IS NOT NULL AND u.kind = 'person' AND u.status = 'active'
      AND (matching = 'verified' OR matching = 'members' AND EXISTS (
           SELECT FROM workspace_members m WHERE m.workspace_id = workspace AND m.user_id = u.id))
$$;

-- An account for a person of an archive. An address or a name that is taken, or is none, is replaced by another one.
CREATE FUNCTION import_account(staged import_people, workspace bigint, activate boolean, zones text[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    address CONSTANT text := CASE
        WHEN length(staged.email) <= 254 AND staged.email ~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$'
             AND NOT EXISTS (SELECT FROM users WHERE lower(email) = lower(staged.email)) THEN staged.email
        ELSE gen_random_uuid() || '@imported.invalid' END;
    named CONSTANT boolean := staged.username ~ '^[A-Za-z0-9]([A-Za-z0-9._-]{0,30}[A-Za-z0-9_])?$'
        AND NOT username_is_reserved(staged.username)
        AND NOT EXISTS (SELECT FROM users WHERE lower(username) = lower(staged.username));
    is_bot CONSTANT boolean := staged.bot AND (SELECT count(*) FROM bots WHERE workspace_id = workspace) < most_bots();
    made bigint;
BEGIN
    INSERT INTO users (kind, username, fullname, email, password_hash, status, time_zone, created_at, updated_at)
    SELECT CASE WHEN is_bot THEN 'bot' ELSE 'person' END,
           CASE WHEN named THEN staged.username ELSE derive_username(coalesce(nullif(staged.username, ''), split_part(staged.email, '@', 1), ''), staged.fullname) END,
           staged.fullname, address, '', CASE WHEN activate AND staged.active THEN 'active' ELSE 'inactive' END,
           CASE WHEN staged.time_zone = ANY (zones) THEN staged.time_zone ELSE 'UTC' END,
           coalesce(by_now(staged.created_at), now()), coalesce(by_now(staged.updated_at), by_now(staged.created_at), now())
    RETURNING id INTO made;
    IF is_bot THEN
        INSERT INTO bots (user_id, workspace_id) VALUES (made, workspace);
    END IF;
    RETURN made;
END
$$;

-- Gives the next people of the archive accounts, and those who are new a membership of the workspace; returns how many. Owners come
-- first: after any transaction the workspace has one, and an interrupted import goes on with the others. Few at a time, since
-- what their joining tells is made under the log's lock. Nobody who has been
-- imported before comes back into it. In a workspace that was there before the import, or since it has ended once, nobody is more
-- than a member.
CREATE FUNCTION import_people(import bigint, matching text, activate boolean, amount integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    into_import CONSTANT imports := (SELECT i FROM imports i WHERE id = import);
    zones CONSTANT text[] := ARRAY(SELECT name FROM pg_timezone_names);
    staged import_people;
    account bigint;
    how text;
    given integer[] := '{}';
BEGIN
    PERFORM FROM workspaces WHERE id = into_import.workspace_id FOR NO KEY UPDATE;
    FOR staged IN
        SELECT * FROM import_people WHERE user_id IS NULL
        ORDER BY bot, array_position(ARRAY['owner', 'admin', 'member'], role) NULLS LAST, n LIMIT amount
    LOOP
        SELECT local_id, 'known' INTO account, how FROM import_refs
        WHERE import_id = import AND kind = 'person' AND external_id = staged.external_id;
        IF NOT FOUND THEN
            account := CASE WHEN NOT staged.bot THEN import_match(staged.email, into_import.workspace_id, matching) END;
            how := CASE WHEN account IS NULL THEN 'made' ELSE 'matched' END;
            account := coalesce(account, import_account(staged, into_import.workspace_id, activate, zones));
            INSERT INTO import_refs VALUES (import, 'person', staged.external_id, account, how = 'made');
        END IF;
        UPDATE import_people SET user_id = account, outcome = how WHERE n = staged.n;
        given := given || staged.n;
    END LOOP;
    INSERT INTO workspace_members (workspace_id, user_id, role, joined_at)
    SELECT into_import.workspace_id, user_id,
           CASE WHEN NOT into_import.makes_workspace OR into_import.finished_at IS NOT NULL OR is_bot THEN 'member'
                WHEN owns OR user_id = first_one AND NOT owned THEN 'owner' ELSE lowest END, since
    FROM (
        SELECT p.user_id, bool_or(u.kind = 'bot') AS is_bot, bool_or(p.role = 'owner') AS owns,
               CASE WHEN bool_or(p.role = 'admin') THEN 'admin' ELSE 'member' END AS lowest,
               coalesce(by_now(min(p.created_at)), now()) AS since,
               bool_or(bool_or(p.role = 'owner' AND u.kind = 'person')) OVER ()
                   OR EXISTS (SELECT FROM workspace_members o WHERE o.workspace_id = into_import.workspace_id AND o.role = 'owner') AS owned,
               first_value(p.user_id) OVER (ORDER BY bool_or(u.kind = 'bot'), bool_or(p.role = 'admin') DESC, min(p.n)) AS first_one
        FROM import_people p JOIN users u ON u.id = p.user_id
        WHERE p.n = ANY (given) AND p.role IS NOT NULL AND p.outcome <> 'known' GROUP BY p.user_id
    ) joining
    ORDER BY user_id ON CONFLICT DO NOTHING;
    IF NOT EXISTS (SELECT FROM workspace_members WHERE workspace_id = into_import.workspace_id AND role = 'owner') THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'workspace_keeps_owner',
            MESSAGE = format('workspace %s would have no owner', into_import.workspace_id);
    END IF;
    RETURN cardinality(given);
END
$$;

-- Pictures of people whose accounts this import has made, and of nobody else.
CREATE FUNCTION import_avatars() RETURNS void LANGUAGE sql AS $$
    UPDATE users u SET avatar_file_id = f.id
    FROM import_people p JOIN import_files i ON i.n = p.avatar JOIN files f ON f.id = i.file_id
    WHERE u.id = p.user_id AND p.outcome = 'made' AND u.avatar IS NULL AND NOT i.seen AND may_be_picture(f.id, NULL, NULL)
$$;

-- Custom emoji of the archive that the workspace has no others for; returns how many were added.
CREATE FUNCTION import_emoji(import bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    amount bigint;
BEGIN
    WITH added AS (
        INSERT INTO custom_emoji (workspace_id, name, file_id, created_by, created_at)
        SELECT i.workspace_id, e.name, f.id, p.user_id, coalesce(by_now(e.created_at), now())
        FROM imports i CROSS JOIN import_emoji e JOIN import_files s ON s.n = e.file JOIN files f ON f.id = s.file_id
        LEFT JOIN import_people p ON p.n = e.creator
        WHERE i.id = import AND NOT s.seen AND may_be_picture(f.id, NULL, i.workspace_id) AND f.size <= emoji_bytes() AND NOT is_standard_emoji(e.name)
          AND NOT EXISTS (SELECT FROM custom_emoji o WHERE o.workspace_id = i.workspace_id AND o.name = e.name)
        ORDER BY e.name
        LIMIT greatest(0, emoji_most() - (SELECT count(*) FROM custom_emoji o JOIN imports i ON i.workspace_id = o.workspace_id WHERE i.id = import))
        RETURNING 1
    )
    SELECT count(*) INTO amount FROM added;
    RETURN amount;
END
$$;
