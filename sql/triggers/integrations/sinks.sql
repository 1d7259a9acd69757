CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON sinks FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- delivery_server looks at it anew when somebody else has moved its cursor, or deleted it.
CREATE FUNCTION notify_sink() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('fechatter_sinks', OLD.name);
    RETURN NULL;
END
$$;
CREATE TRIGGER p95_notify AFTER DELETE ON sinks FOR EACH ROW EXECUTE FUNCTION notify_sink();
