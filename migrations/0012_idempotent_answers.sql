-- migrate:up

-- Whatever is created takes a key: of a message its id is enough, of anything else the first answer is kept.
ALTER TABLE idempotency_keys
    ALTER COLUMN message_id DROP NOT NULL,
    ADD COLUMN answer text,
    ADD CONSTRAINT idempotency_keys_one_outcome CHECK (num_nonnulls(message_id, answer) = 1),
    ADD CONSTRAINT idempotency_keys_answer_length CHECK (octet_length(answer) <= 262144);

-- migrate:down
DELETE FROM idempotency_keys WHERE message_id IS NULL;
ALTER TABLE idempotency_keys
    DROP COLUMN answer,
    ALTER COLUMN message_id SET NOT NULL;
