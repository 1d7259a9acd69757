-- Idempotency keys of everything that is created, except messages, whose keys post_messages() handles.

-- What a key stands for, once no one else is using it: outcome is new, repeated (with the first response) or conflict
-- (it was used for something else). The caller holds it until the end of the transaction; acquire it before any row
-- lock, as post_messages does.
CREATE FUNCTION idempotency_take(
    person bigint, wanted_key text, wanted_fingerprint bytea, OUT outcome text, OUT answer text
) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('fechatter.idempotency'), hashtext(person || ' ' || wanted_key));
    SELECT CASE WHEN known.fingerprint = wanted_fingerprint THEN 'repeated' ELSE 'conflict' END, known.answer
    INTO outcome, answer
    FROM idempotency_keys known WHERE user_id = person AND key = wanted_key;
    IF NOT FOUND THEN
        outcome := 'new';
    END IF;
END
$$;
