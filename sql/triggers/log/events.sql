-- Cursors point into the log, so nothing is taken out of it but by log_maintain(): whole days, with the floor behind them.
-- Whoever has to do it by hand all the same says SET fechatter.maintenance = on; notify_servers notice, and move the epoch.
CREATE OR REPLACE FUNCTION keep_the_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('fechatter.maintenance', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'FC409', CONSTRAINT = 'log_is_kept',
        MESSAGE = format('%s: the log keeps what it has', TG_TABLE_NAME),
        HINT = 'Old events go by themselves, see events.retention_days. To keep fewer: SELECT log_maintain(interval ''1 day'').';
END
$$;
CREATE OR REPLACE TRIGGER keep BEFORE DELETE ON events FOR EACH ROW EXECUTE FUNCTION keep_the_log();
CREATE OR REPLACE TRIGGER keep_all BEFORE TRUNCATE ON events EXECUTE FUNCTION keep_the_log();
CREATE OR REPLACE TRIGGER keep BEFORE DELETE OR TRUNCATE ON log_state EXECUTE FUNCTION keep_the_log();
