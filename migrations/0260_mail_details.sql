-- migrate:up

-- The texts of mails name members of it. The table has the mails of a few days.
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE mails ADD CONSTRAINT mails_details_object CHECK (jsonb_typeof(details) = 'object');

-- migrate:down
ALTER TABLE mails DROP CONSTRAINT mails_details_object;
