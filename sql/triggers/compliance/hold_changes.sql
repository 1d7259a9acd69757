CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON hold_changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
CREATE FUNCTION refuse_hold_changes_loss() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'hold_changes_stay',
        MESSAGE = 'the row by which old snapshots are recognised stays';
END
$$;
CREATE TRIGGER p30_stays BEFORE DELETE ON hold_changes FOR EACH ROW EXECUTE FUNCTION refuse_hold_changes_loss();
