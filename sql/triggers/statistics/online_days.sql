CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON online_days
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON online_days
    FOR EACH ROW WHEN ((OLD.user_id, OLD.day) IS DISTINCT FROM (NEW.user_id, NEW.day)) EXECUTE FUNCTION refuse_key_change();
