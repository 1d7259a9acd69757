CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON department_tree
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
