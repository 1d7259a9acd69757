-- What directories of people say by SCIM, and who has suspended whom.

CREATE VIEW ops.provisioned AS
SELECT s.directory, s.id AS scim_id, s.resource ->> 'userName' AS user_name, s.external_id, s.active, u.email, u.status, s.updated_at,
       (SELECT array_agg(g.display_name ORDER BY g.display_name)
        FROM public.scim_members m JOIN public.scim_groups g ON g.id = m.group_id WHERE m.scim_user_id = s.id) AS groups
FROM public.scim_users s JOIN public.users u ON u.id = s.user_id
ORDER BY s.directory, s.id;
COMMENT ON VIEW ops.provisioned IS 'The users of each directory that provisions people: their accounts, and their groups there.';

CREATE VIEW ops.suspensions AS
SELECT u.email, u.status, s.source, s.suspended_at
FROM public.suspensions s JOIN public.users u ON u.id = s.user_id
ORDER BY s.suspended_at DESC, u.email, s.source;
COMMENT ON VIEW ops.suspensions IS 'Who has suspended whom, newest first: operator, or a directory by name. A user is suspended while anyone says so.';

CREATE FUNCTION ops.forget_directory(
    name text, reinstates boolean DEFAULT false, OUT users bigint, OUT groups bigint, OUT reinstated bigint
) LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    person bigint;
BEGIN
    PERFORM sync_source(name, '{}', '{}', true);
    PERFORM sync_groups(name, NULL, '{}', '{}');
    PERFORM sync_departments(name, NULL, '{}', '{}');
    DELETE FROM scim_groups WHERE directory = name;
    GET DIAGNOSTICS groups = ROW_COUNT;
    DELETE FROM scim_users WHERE directory = name;
    GET DIAGNOSTICS users = ROW_COUNT;
    DELETE FROM identities WHERE provider = name AND issuer = 'scim';
    reinstated := 0;
    FOR person IN SELECT user_id FROM suspensions WHERE source = name AND reinstates ORDER BY user_id LOOP
        PERFORM reinstate_by(name, person);
        reinstated := reinstated + 1;
    END LOOP;
END
$$;
COMMENT ON FUNCTION ops.forget_directory IS 'Forgets the users and groups of a directory that has been removed from the settings, and withdraws its grants. Whom it has suspended stays so unless reinstates is true. Accounts stay.';
