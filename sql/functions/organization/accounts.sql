-- Accounts that an organisation keeps.

-- The name under which an organisation's admins suspend people whose accounts it keeps.
CREATE FUNCTION suspending_source(organization bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT 'organization-' || organization
$$;

-- The name under which a list that its admins upload is kept: no directory of an operator's, so it makes nobody's account the
-- organisation's.
CREATE FUNCTION list_source(organization bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT 'list-' || organization
$$;

-- Whether the account of one of its members is the organisation's to look after: an operator has said so, of them or of all
-- whom a directory of the organisation names, and they are a member of no other organisation.
CREATE FUNCTION keeps_account(organization bigint, person bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM organizations o WHERE o.id = organization AND o.keeps_accounts)
       AND EXISTS (SELECT FROM organization_members m
                   WHERE m.organization_id = organization AND m.user_id = person AND m.kind = 'member'
                     AND (m.account_kept OR m.source NOT IN ('person', 'workspace', list_source(organization))))
       AND NOT EXISTS (SELECT FROM organization_members m
                       WHERE m.user_id = person AND m.kind = 'member' AND m.organization_id <> organization)
$$;

-- The organisation that keeps somebody's account; null: they keep it themselves.
CREATE FUNCTION keeper_of_account(person bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT m.organization_id FROM organization_members m WHERE m.user_id = person AND keeps_account(m.organization_id, person)
$$;

-- Suspends a person in the organisation's name, or takes that back; another's suspension stays. Whoever says so is active still:
-- of two owners who suspend each other at the same time one stays. Nothing without such a person.
CREATE FUNCTION suspend_member(organization bigint, person bigint, suspended boolean) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM users WHERE id IN (acting_user(), person) ORDER BY id FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM users WHERE id = acting_user() AND status <> 'active') THEN
        RAISE EXCEPTION USING ERRCODE = 'FC403', CONSTRAINT = 'suspended_by_the_active', MESSAGE = 'whoever suspends somebody is not suspended';
    END IF;
    IF NOT EXISTS (SELECT FROM organization_members m WHERE m.organization_id = organization AND m.user_id = person) THEN
        RETURN;
    END IF;
    IF suspended THEN
        PERFORM suspend_by(suspending_source(organization), person);
    ELSE
        PERFORM reinstate_by(suspending_source(organization), person);
    END IF;
END
$$;
