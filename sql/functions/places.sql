-- What all places have in common, workspaces, chats and documents: members, and among them an owner. The first argument of
-- each of these triggers is the noun of the place, such as chat: chats are in `chats`, their members in `chat_members`, by
-- `chat_id`. A document goes by its kind where it is named (board).
--
-- The statements are made of that noun, so PostgreSQL plans them each time they run (ADR 27); posting runs none of them.

-- Locks the place of a member who is about to change: of two owners who leave or step down at once, one waits for the other. It
-- happens here, since nothing may wait at COMMIT.
CREATE FUNCTION lock_place() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    EXECUTE format('SELECT FROM %I WHERE id = ($1).%I FOR NO KEY UPDATE', TG_ARGV[0] || 's', TG_ARGV[0] || '_id') USING OLD;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;

-- Keeps member_count by the members that a statement has added or removed, its transition table `changed`. Places are locked in
-- the order of ids, so that two statements cannot deadlock.
CREATE FUNCTION count_members() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    places CONSTANT text := TG_ARGV[0] || 's';
    place_id CONSTANT text := TG_ARGV[0] || '_id';
BEGIN
    IF NOT EXISTS (SELECT FROM changed) THEN
        RETURN NULL;
    END IF;
    EXECUTE format('SELECT FROM %I WHERE id IN (SELECT %I FROM changed) ORDER BY id FOR NO KEY UPDATE', places, place_id);
    EXECUTE format('UPDATE %I SET member_count = member_count + $1 * change.members
                    FROM (SELECT %I AS place, count(*) AS members FROM changed GROUP BY place) change
                    WHERE id = place', places, place_id)
    USING CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
    RETURN NULL;
END
$$;

-- At COMMIT, of a new place, and of one that an owner has left or where one has stepped down.
CREATE FUNCTION keeps_owner() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    about CONSTANT jsonb := to_jsonb(coalesce(NEW, OLD));
    place CONSTANT bigint := coalesce(about ->> (TG_ARGV[0] || '_id'), about ->> 'id');
    noun CONSTANT text := CASE TG_ARGV[0] WHEN 'document' THEN about ->> 'kind' ELSE TG_ARGV[0] END;
    kept boolean;
BEGIN
    EXECUTE format('SELECT NOT EXISTS (SELECT FROM %I WHERE id = $1)
                           OR EXISTS (SELECT FROM %I WHERE %I = $1 AND role = ''owner'')',
                   TG_ARGV[0] || 's', TG_ARGV[0] || '_members', TG_ARGV[0] || '_id') INTO kept USING place;
    IF NOT kept THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = noun || '_keeps_owner',
            MESSAGE = format('%s %s would be left without an owner', noun, place),
            HINT = format('Make another member owner first, or delete the %s.', noun);
    END IF;
    RETURN NULL;
END
$$;

-- A user who leaves a workspace leaves its chats and documents, including those they own. A place without other people is
-- deleted, and so is one for which the third argument, a condition, is true. If the leaver is the only owner, the next member
-- becomes owner, but no guest: first by active account, then by the role of the second argument, then by the longest membership. The places
-- are locked in the order of ids, so that the next member is found if the new owner leaves too.
CREATE FUNCTION pass_on_places() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    places CONSTANT text := TG_ARGV[0] || 's';
    members CONSTANT text := TG_ARGV[0] || '_members';
    place_id CONSTANT text := TG_ARGV[0] || '_id';
    amount bigint;
BEGIN
    -- With the workspace gone, its places go as well.
    IF NOT EXISTS (SELECT FROM workspaces WHERE id = OLD.workspace_id) THEN
        RETURN OLD;
    END IF;
    EXECUTE format('SELECT FROM %I WHERE id IN (SELECT %I FROM %I WHERE user_id = $1 AND workspace_id = $2)
                    ORDER BY id FOR NO KEY UPDATE', places, place_id, members)
    USING OLD.user_id, OLD.workspace_id;
    GET DIAGNOSTICS amount = ROW_COUNT;
    IF amount = 0 THEN
        RETURN OLD;
    END IF;
    EXECUTE format('DELETE FROM %1$I place USING %2$I mine
                    WHERE place.id = mine.%3$I AND mine.user_id = $1 AND mine.workspace_id = $2 AND (%4$s OR NOT EXISTS (
                        SELECT FROM %2$I other JOIN users ON users.id = other.user_id
                        WHERE other.%3$I = place.id AND other.user_id <> $1 AND users.kind = ''person''
                          AND to_jsonb(other) ->> ''guest_of'' IS NULL))',
                   places, members, place_id, coalesce(TG_ARGV[2], 'false'))
    USING OLD.user_id, OLD.workspace_id;
    EXECUTE format($update$
        UPDATE %1$I heir SET role = 'owner'
        FROM (SELECT DISTINCT ON (other.%2$I) other.%2$I, other.user_id
              FROM %1$I mine JOIN %1$I other ON other.%2$I = mine.%2$I AND other.user_id <> mine.user_id
              JOIN users ON users.id = other.user_id
              WHERE mine.user_id = $1 AND mine.workspace_id = $2 AND mine.role = 'owner' AND users.kind = 'person'
                AND to_jsonb(other) ->> 'guest_of' IS NULL
                AND NOT EXISTS (SELECT FROM %1$I third
                                WHERE third.%2$I = mine.%2$I AND third.user_id <> mine.user_id AND third.role = 'owner')
              ORDER BY other.%2$I, users.status = 'active' DESC, other.role = $3 DESC, other.joined_at, other.user_id) next
        WHERE heir.%2$I = next.%2$I AND heir.user_id = next.user_id
    $update$, members, place_id)
    USING OLD.user_id, OLD.workspace_id, TG_ARGV[1];
    RETURN OLD;
END
$$;

-- Of members who come, go or get another role; those of places for which the second argument, a condition, is true. With the place
-- gone, or the member's workspace left, that one's entry says it all.
CREATE FUNCTION audit_members() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    member CONSTANT jsonb := to_jsonb(coalesce(NEW, OLD));
    audited boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE id = $1 AND %s)', TG_ARGV[0] || 's', coalesce(TG_ARGV[1], 'true'))
    INTO audited USING (member -> (TG_ARGV[0] || '_id'))::bigint;
    IF NOT audited OR TG_OP = 'DELETE' AND TG_ARGV[0] <> 'workspace' AND NOT EXISTS (
           SELECT FROM workspace_members WHERE workspace_id = OLD.workspace_id AND user_id = OLD.user_id) THEN
        RETURN NULL;
    END IF;
    PERFORM audit(coalesce(member ->> 'kind', TG_ARGV[0])
                  || CASE TG_OP WHEN 'INSERT' THEN '_member_added' WHEN 'UPDATE' THEN '_member_role_changed' ELSE '_member_removed' END,
                  workspace_id => (member -> 'workspace_id')::bigint, chat_id => (member -> 'chat_id')::bigint,
                  document_id => (member -> 'document_id')::bigint, document_kind => member ->> 'kind',
                  target_type => 'user', target_id => (member -> 'user_id')::bigint,
                  before => role_audit(OLD.role), after => role_audit(NEW.role));
    RETURN NULL;
END
$$;
