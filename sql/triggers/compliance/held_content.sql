CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON held_content
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- What is kept stays as it was. A hold that has kept it lets go of it only some days after its release.
CREATE FUNCTION refuse_loss_of_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF to_jsonb(OLD) - 'hold_ids' = to_jsonb(NEW) - 'hold_ids'
           AND NOT EXISTS (SELECT FROM holds WHERE id = ANY (OLD.hold_ids) AND id <> ALL (NEW.hold_ids) AND let_go_at IS NULL) THEN
            RETURN NEW;
        END IF;
    ELSIF NOT EXISTS (SELECT FROM holds WHERE id = ANY (OLD.hold_ids) AND let_go_at IS NULL)
          OR NOT EXISTS (SELECT FROM workspaces WHERE id = OLD.workspace_id) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'held_content_stays',
        MESSAGE = format('holds %s keep this content', OLD.hold_ids), HINT = 'It goes some days after the last of them is released.';
END
$$;
CREATE TRIGGER p30_stays BEFORE UPDATE OR DELETE ON held_content FOR EACH ROW EXECUTE FUNCTION refuse_loss_of_held();
