CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON boot_limit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- All servers read it again at once.
CREATE FUNCTION tell_boot_limit() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM audit('boot_limit_set',
                  before => CASE WHEN TG_OP <> 'INSERT' THEN jsonb_build_object('per_second', OLD.per_second) END,
                  after => CASE WHEN TG_OP <> 'DELETE' THEN jsonb_build_object('per_second', NEW.per_second) END);
    PERFORM pg_notify('fechatter_control', 'boots');
    RETURN NULL;
END
$$;
CREATE TRIGGER p50_tell AFTER INSERT OR UPDATE OR DELETE ON boot_limit
    FOR EACH ROW EXECUTE FUNCTION tell_boot_limit();
