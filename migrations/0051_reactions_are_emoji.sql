-- migrate:up

-- What a reaction may be is a trigger's to say from here on (qualify_reaction), which also brings it into one form. Those of
-- before stay as they are, and can be taken back.
ALTER TABLE message_reactions DROP CONSTRAINT message_reactions_emoji_format;

-- migrate:down
ALTER TABLE message_reactions
    ADD CONSTRAINT message_reactions_emoji_format CHECK (length(emoji) <= 64 AND emoji ~ '^[^/[:space:][:cntrl:]]+$');
