-- migrate:up

-- scanning: nobody may fetch it until a scanner has found nothing in it (media.clamd). refused: its bytes are gone, and refusal
-- says why; the row stays for those who see its message.
ALTER TABLE files
    ADD COLUMN refusal text,
    ALTER COLUMN sha256 DROP NOT NULL,
    DROP CONSTRAINT files_state_known,
    ADD CONSTRAINT files_state_known CHECK (state IN ('scanning', 'pending', 'ready', 'refused')),
    ADD CONSTRAINT files_have_bytes CHECK (sha256 IS NOT NULL OR state = 'refused'),
    ADD CONSTRAINT files_refusal_length CHECK (length(refusal) <= 500);

-- Why the last attempt to look at it failed.
ALTER TABLE file_looks ADD COLUMN error text;

-- migrate:down
ALTER TABLE file_looks DROP COLUMN error;
DELETE FROM files WHERE state = 'refused';
UPDATE files SET state = 'pending' WHERE state = 'scanning';
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE files
    DROP CONSTRAINT files_have_bytes,
    DROP CONSTRAINT files_state_known,
    DROP COLUMN refusal,
    ALTER COLUMN sha256 SET NOT NULL,
    ADD CONSTRAINT files_state_known CHECK (state IN ('pending', 'ready', 'refused'));
