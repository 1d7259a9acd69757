CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON delivery_nodes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
