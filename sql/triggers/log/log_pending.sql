-- Queued by the first event of a transaction, which a deferred trigger adds, and therefore run after all of these.
CREATE CONSTRAINT TRIGGER p99_flush AFTER INSERT ON log_pending DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.first) EXECUTE FUNCTION log_flush();

CREATE CONSTRAINT TRIGGER p90_batch AFTER INSERT ON log_pending DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.opens_batch) EXECUTE FUNCTION log_batch();
