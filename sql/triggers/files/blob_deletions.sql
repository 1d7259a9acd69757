CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON blob_deletions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
