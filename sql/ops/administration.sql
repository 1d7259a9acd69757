-- Who administers over REST: people who see the whole server's figures, and organisations that keep their people's accounts.

CREATE FUNCTION ops.appoint_operator(who text, OUT email text) LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    person bigint := ops.find_user(who);
BEGIN
    INSERT INTO operators (user_id) VALUES (person) ON CONFLICT DO NOTHING;
    email := (SELECT users.email FROM users WHERE id = person);
END
$$;
COMMENT ON FUNCTION ops.appoint_operator IS 'Lets a user see the figures of the whole server at GET /api/admin/overview, and nothing else.';

CREATE FUNCTION ops.dismiss_operator(who text, OUT email text) LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    person bigint := ops.find_user(who);
BEGIN
    DELETE FROM operators WHERE user_id = person;
    email := (SELECT users.email FROM users WHERE id = person);
END
$$;
COMMENT ON FUNCTION ops.dismiss_operator IS 'Takes that back.';

CREATE FUNCTION ops.keep_accounts(organization bigint, kept boolean DEFAULT true, OUT name text, OUT keeps_accounts boolean, OUT people bigint) LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE organizations o SET keeps_accounts = kept WHERE o.id = organization RETURNING o.name, o.keeps_accounts INTO name, keeps_accounts;
    IF NOT FOUND THEN
        RAISE no_data_found USING MESSAGE = format('there is no organisation %s', organization), HINT = 'SELECT id, name FROM organizations;';
    END IF;
    UPDATE organization_members m SET account_kept = kept WHERE m.organization_id = organization AND m.kind = 'member' AND m.account_kept <> kept;
    SELECT count(*) INTO people FROM organization_members m WHERE m.organization_id = organization AND keeps_account(organization, m.user_id);
END
$$;
COMMENT ON FUNCTION ops.keep_accounts IS 'Lets an organisation''s admins end sessions of its present members, and its owners export and delete their data; people says of how many. Of those who come later, only whom its directory names. Never of a member of another organisation.';
