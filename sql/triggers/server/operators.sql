CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON operators
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE TRIGGER p30_final_key BEFORE UPDATE ON operators
    FOR EACH ROW WHEN (OLD.user_id <> NEW.user_id) EXECUTE FUNCTION refuse_key_change();

CREATE FUNCTION audit_operators() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit(CASE TG_OP WHEN 'INSERT' THEN 'operator_appointed' ELSE 'operator_dismissed' END,
                  target_type => 'user', target_id => coalesce(NEW.user_id, OLD.user_id));
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_audit AFTER INSERT OR DELETE ON operators
    FOR EACH ROW EXECUTE FUNCTION audit_operators();
