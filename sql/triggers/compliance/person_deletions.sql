CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON person_deletions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON person_deletions
    FOR EACH ROW WHEN ((OLD.user_id, OLD.begun_at) IS DISTINCT FROM (NEW.user_id, NEW.begun_at)) EXECUTE FUNCTION refuse_key_change();
