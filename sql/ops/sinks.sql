-- Sinks: how far each is, and moving its cursor.

CREATE VIEW ops.sinks AS
SELECT name, epoch || '.' || position AS cursor,
       CASE WHEN position <= public.log_last(epoch) THEN public.log_head() - position END AS behind,
       CASE WHEN failing_since IS NOT NULL THEN 'failing' WHEN held_until > now() THEN 'active' ELSE 'nobody works for it' END AS state,
       sent, sent_at, failing_since, error, CASE WHEN held_until > now() THEN node END AS node
FROM public.sinks ORDER BY name;
COMMENT ON VIEW ops.sinks IS 'Other systems that events are sent to (delivery.sinks in app.yaml): how far each is in the log, how many positions behind its end, and what it fails of.';

CREATE FUNCTION ops.move_sink(sink text, cursor text, OUT moved boolean) LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM check_log_cursor(split_part(cursor, '.', 1), split_part(cursor, '.', 2)::bigint);
    UPDATE sinks SET epoch = split_part(cursor, '.', 1), position = split_part(cursor, '.', 2)::bigint WHERE name = sink;
    moved := FOUND;
    PERFORM pg_notify('fechatter_sinks', sink);
END
$$;
COMMENT ON FUNCTION ops.move_sink IS 'Moves the cursor of a sink, such as 52d47d04.17: what follows is sent, again if it was sent before.';

CREATE FUNCTION ops.forget_sink(sink text, OUT forgotten boolean) LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM sinks WHERE name = sink;
    forgotten := FOUND;
END
$$;
COMMENT ON FUNCTION ops.forget_sink IS 'Forgets how far a sink is. If app.yaml still names it, it begins anew at the end of the log.';
