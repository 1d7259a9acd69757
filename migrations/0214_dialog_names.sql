-- migrate:up

-- A bot's own name for a dialog means one of those that it has open.
DELETE FROM dialogs d USING dialogs later
WHERE later.bot_id = d.bot_id AND later.view ->> 'external_id' = d.view ->> 'external_id' AND later.id > d.id AND d.view ->> 'external_id' <> '';
CREATE UNIQUE INDEX dialogs_external_id_key ON dialogs (bot_id, (view ->> 'external_id')) WHERE view ->> 'external_id' <> '';

-- migrate:down
DROP INDEX dialogs_external_id_key;
