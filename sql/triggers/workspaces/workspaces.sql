CREATE OR REPLACE TRIGGER touch BEFORE UPDATE ON workspaces
    FOR EACH ROW WHEN ((OLD.name, OLD.description, OLD.retention_days, OLD.show_emails)
                       IS DISTINCT FROM (NEW.name, NEW.description, NEW.retention_days, NEW.show_emails))
    EXECUTE FUNCTION touch_updated_at();

-- A workspace that appears or goes is told member by member: see workspace_members.sql.
CREATE OR REPLACE FUNCTION log_workspaces() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    PERFORM log_append('WorkspaceUpdated', 'workspaces', row_to_json(shape), workspace_ids => ARRAY[NEW.id])
    FROM (SELECT NEW.id, NEW.name, NEW.description, NEW.retention_days, NEW.show_emails, NEW.created_at, NEW.updated_at) shape;
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS log ON workspaces;
CREATE CONSTRAINT TRIGGER log AFTER UPDATE ON workspaces DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.name, OLD.description, OLD.retention_days, OLD.show_emails)
                       IS DISTINCT FROM (NEW.name, NEW.description, NEW.retention_days, NEW.show_emails))
    EXECUTE FUNCTION log_workspaces();

CREATE OR REPLACE TRIGGER plain_name BEFORE INSERT OR UPDATE OF name ON workspaces
    FOR EACH ROW EXECUTE FUNCTION refuse_invisible('name');
