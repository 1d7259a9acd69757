-- Organisations: what somebody has there, and how they hear of it.

-- The most organisations that one user owns, and workspaces of one.
CREATE FUNCTION most_organizations() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 20';

-- An organisation has at most as many departments, positions and groups as the triggers of these say.
CREATE FUNCTION refuse_many() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    most CONSTANT bigint := TG_ARGV[0];
    exceeded boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE organization_id IN (SELECT organization_id FROM added)
                                   GROUP BY organization_id HAVING count(*) > $1)', TG_TABLE_NAME) INTO exceeded USING most;
    IF exceeded THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = TG_TABLE_NAME || '_amount',
            MESSAGE = format('an organisation has at most %s %s', most, TG_TABLE_NAME);
    END IF;
    RETURN NULL;
END
$$;

-- An organisation as one of its people has it: their kind, role, appointments and groups there.
CREATE FUNCTION own_organization_json(o organizations, m organization_members) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT o.id, o.name, m.kind, m.role, CASE WHEN m.kind <> 'guest' THEN m.manager_id END AS manager_id,
               (SELECT coalesce(json_agg(appointment_json(a) ORDER BY a.id), '[]') FROM appointments a
                WHERE a.organization_id = m.organization_id AND a.user_id = m.user_id) AS appointments,
               (SELECT coalesce(json_agg(g.group_id ORDER BY g.group_id), '[]') FROM group_members g
                WHERE g.organization_id = m.organization_id AND g.user_id = m.user_id) AS group_ids,
               (SELECT coalesce(json_agg(own_binding_json(b) ORDER BY b.id), '[]')
                FROM (SELECT DISTINCT ON (reaching.id) reaching.* FROM bindings_of(m.organization_id, m.user_id) reaching WHERE m.kind = 'member') b) AS bindings,
               o.created_at, o.updated_at
    ) shape
$$;

-- A new organisation and its owner; returns it as the owner sees it.
CREATE FUNCTION create_organization(owner bigint, name text) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
    made organizations;
    own organization_members;
BEGIN
    INSERT INTO organizations (name) VALUES (name) RETURNING * INTO made;
    INSERT INTO organization_members (organization_id, user_id, role) VALUES (made.id, owner, 'owner') RETURNING * INTO own;
    RETURN own_organization_json(made, own);
END
$$;

-- Tells one of its people at COMMIT what they then have there.
CREATE FUNCTION tell_organization(organization bigint, person bigint) RETURNS void LANGUAGE sql AS $$
    SELECT log_defer('OrganizationUpdated', 'user', 'organizations', user_id => person, about => organization)
$$;

-- Under the log's lock, once for each person.
CREATE FUNCTION tell_organizations() RETURNS void LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    own CONSTANT xid8 := pg_current_xact_id();
BEGIN
    UPDATE log_pending p SET payload = own_organization_json(o, m)
    FROM organization_members m JOIN organizations o ON o.id = m.organization_id
    WHERE p.xid = own AND m.organization_id = p.about AND m.user_id = p.user_id
      AND p.place = ANY (ARRAY(SELECT max(place) FROM log_pending WHERE xid = own AND source = 'organizations' GROUP BY about, user_id));
END
$$;

-- Tells the members of the organisation's workspaces that its directory is another one, once in a transaction.
CREATE FUNCTION tell_directory(organization bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    told CONSTANT text := pg_current_xact_id() || '.' || organization;
    workspaces bigint[];
BEGIN
    IF current_setting('fechatter.directory_told', true) IS NOT DISTINCT FROM told THEN
        RETURN;
    END IF;
    PERFORM set_config('fechatter.directory_told', told, true);
    SELECT array_agg(id ORDER BY id) INTO workspaces FROM workspaces WHERE organization_id = organization;
    IF workspaces IS NOT NULL THEN
        PERFORM log_append('DirectoryUpdated', 'workspaces', json_build_object('organization_id', organization), workspace_ids => workspaces);
    END IF;
END
$$;

-- Locks the row of an organisation, before a rule about its tree, its people or its amounts is checked.
CREATE FUNCTION lock_organization() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM organizations WHERE id = coalesce(NEW.organization_id, OLD.organization_id) FOR NO KEY UPDATE;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;

-- Audit entries of organisations are in no workspace's log, but in the organisation's.
CREATE FUNCTION audit_organization(action text, organization bigint, target_type text, target_id bigint, before jsonb, after jsonb)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM organizations WHERE id = organization) THEN
        PERFORM audit(action, target_type => target_type, target_id => target_id,
                      before => before || jsonb_build_object('organization_id', organization),
                      after => after || jsonb_build_object('organization_id', organization), organization_id => organization);
    END IF;
END
$$;

-- Of departments, positions, appointments, groups and their members: what they are is in before and after. The first
-- argument is the noun.
CREATE FUNCTION audit_directory() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    about CONSTANT jsonb := to_jsonb(coalesce(NEW, OLD));
    of_user CONSTANT boolean := about ? 'user_id';
BEGIN
    IF TG_OP <> 'UPDATE' OR to_jsonb(OLD) - 'is_current' <> to_jsonb(NEW) - 'is_current' THEN
        PERFORM audit_organization(
            TG_ARGV[0] || CASE TG_OP WHEN 'INSERT' THEN '_added' WHEN 'UPDATE' THEN '_changed' ELSE '_removed' END,
            (about ->> 'organization_id')::bigint, CASE WHEN of_user THEN 'user' ELSE TG_ARGV[0] END,
            (about ->> CASE WHEN of_user THEN 'user_id' ELSE 'id' END)::bigint, to_jsonb(OLD) - 'organization_id', to_jsonb(NEW) - 'organization_id');
    END IF;
    RETURN NULL;
END
$$;

-- Of tables of the directory, with a person in each row or none.
CREATE FUNCTION log_directory() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    about CONSTANT jsonb := to_jsonb(coalesce(NEW, OLD));
BEGIN
    PERFORM tell_directory((about ->> 'organization_id')::bigint);
    IF about ? 'user_id' THEN
        PERFORM tell_organization((about ->> 'organization_id')::bigint, (about ->> 'user_id')::bigint);
    END IF;
    RETURN NULL;
END
$$;

-- These users are in the organisation from now on, as members of one of its workspaces, which its guests cannot be.
CREATE FUNCTION join_with_workspace(organization bigint, people bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    guest bigint;
BEGIN
    IF organization IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO organization_members (organization_id, user_id, source)
    SELECT organization, person, 'workspace' FROM unnest(people) AS person ORDER BY person ON CONFLICT DO NOTHING;
    SELECT user_id INTO guest FROM organization_members
    WHERE organization_id = organization AND user_id = ANY (people) AND kind = 'guest' LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'guest_is_in_no_workspace',
            MESSAGE = format('user %s is a guest of organisation %s, whose workspaces have no guests as members', guest, organization);
    END IF;
END
$$;

-- Those of them who came by workspaces alone, and are in none of its workspaces any more, leave the organisation.
CREATE FUNCTION leave_with_workspace(organization bigint, people bigint[]) RETURNS void LANGUAGE sql AS $$
    DELETE FROM organization_members m
    WHERE organization_id = organization AND user_id = ANY (people) AND source = 'workspace' AND role = 'member' AND kind <> 'guest'
      AND NOT EXISTS (SELECT FROM workspace_members w JOIN workspaces ON workspaces.id = w.workspace_id
                      WHERE w.user_id = m.user_id AND workspaces.organization_id = organization)
$$;
