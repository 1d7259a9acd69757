-- A snapshot contains only existing data, and is refused by no quota.
CREATE FUNCTION count_snapshot() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    before bigint := CASE WHEN TG_OP = 'INSERT' THEN 0 ELSE length(OLD.state) + length(OLD.vector) + length(OLD.deletions) END;
    after bigint := CASE WHEN TG_OP = 'DELETE' THEN 0 ELSE length(NEW.state) + length(NEW.vector) + length(NEW.deletions) END;
BEGIN
    UPDATE documents SET stored_bytes = greatest(0, stored_bytes + after - before) WHERE id = coalesce(NEW.board_id, OLD.board_id);
    PERFORM settle_document_storage(coalesce(NEW.board_id, OLD.board_id));
    RETURN NULL;
END
$$;
CREATE TRIGGER p60_count_storage AFTER INSERT OR UPDATE OR DELETE ON board_snapshots
    FOR EACH ROW EXECUTE FUNCTION count_snapshot();
