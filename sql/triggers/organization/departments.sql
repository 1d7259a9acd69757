CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON departments
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON departments
    FOR EACH ROW WHEN ((OLD.id, OLD.organization_id) IS DISTINCT FROM (NEW.id, NEW.organization_id)) EXECUTE FUNCTION refuse_key_change();

-- One at a time in an organisation: two moves that are both good make a circle together.
CREATE TRIGGER p10_lock BEFORE INSERT ON departments FOR EACH ROW EXECUTE FUNCTION lock_organization();
CREATE TRIGGER p10_lock_move BEFORE UPDATE ON departments
    FOR EACH ROW WHEN (OLD.parent_id IS DISTINCT FROM NEW.parent_id) EXECUTE FUNCTION lock_organization();

CREATE TRIGGER p20_touch BEFORE UPDATE ON departments
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION touch_updated_at();

CREATE TRIGGER p30_plain_name BEFORE INSERT OR UPDATE OF name ON departments
    FOR EACH ROW EXECUTE FUNCTION refuse_invisible('name');

CREATE FUNCTION grow_tree() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    ids CONSTANT bigint[] := ARRAY(SELECT id FROM added);
BEGIN
    PERFORM refuse_circle(ids);
    INSERT INTO department_tree (ancestor_id, department_id, depth) SELECT ancestor_id, department_id, depth FROM way_up(ids);
    RETURN NULL;
END
$$;
CREATE TRIGGER p60_tree AFTER INSERT ON departments REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION grow_tree();

CREATE TRIGGER p60_amount AFTER INSERT ON departments REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_many('10000');

-- What was below a moved department stays below it, and chats that follow those above it lose or gain all these people.
CREATE FUNCTION move_tree() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    below bigint[];
    people bigint[];
    chats bigint[];
    documents bigint[];
    roles_before bigint[];
    roles_after bigint[];
BEGIN
    below := ARRAY(SELECT DISTINCT t.department_id FROM before JOIN after USING (id) JOIN department_tree t ON t.ancestor_id = id
                   WHERE before.parent_id IS DISTINCT FROM after.parent_id);
    IF cardinality(below) > 0 THEN
        PERFORM refuse_circle(below);
        people := ARRAY(SELECT DISTINCT user_id FROM appointments WHERE department_id = ANY (below));
        chats := chats_of_departments(below);
        documents := documents_of_departments(below);
        roles_before := bindings_above(below);
        DELETE FROM department_tree WHERE department_id = ANY (below);
        INSERT INTO department_tree (ancestor_id, department_id, depth) SELECT ancestor_id, department_id, depth FROM way_up(below);
        roles_after := bindings_above(below);
        PERFORM require_all_held(ARRAY(SELECT unnest(roles_after) EXCEPT SELECT unnest(roles_before)));
        IF roles_before <> roles_after THEN
            PERFORM tell_roles(ARRAY(SELECT unnest(roles_before || roles_after)), people);
        END IF;
        PERFORM settle_chats(chats || chats_of_departments(below), people);
        PERFORM settle_documents(documents || documents_of_departments(below), people);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER p60_tree_moved AFTER UPDATE ON departments REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION move_tree();

CREATE TRIGGER p50_audit AFTER INSERT OR UPDATE OR DELETE ON departments FOR EACH ROW EXECUTE FUNCTION audit_directory('department');

CREATE CONSTRAINT TRIGGER p90_log AFTER INSERT OR UPDATE OR DELETE ON departments DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_directory();

-- With the organisation gone all of it goes.
CREATE FUNCTION refuse_full_department() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM organizations WHERE id = OLD.organization_id FOR NO KEY UPDATE;
    IF FOUND AND (EXISTS (SELECT FROM departments WHERE parent_id = OLD.id) OR EXISTS (SELECT FROM appointments WHERE department_id = OLD.id)) THEN
        RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'department_is_empty',
            MESSAGE = format('department %s has people, or departments below it', OLD.id);
    END IF;
    RETURN OLD;
END
$$;
CREATE TRIGGER p30_empty BEFORE DELETE ON departments FOR EACH ROW EXECUTE FUNCTION refuse_full_department();
