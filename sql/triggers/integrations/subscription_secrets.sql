CREATE TRIGGER p30_no_truncate BEFORE TRUNCATE ON subscription_secrets
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
