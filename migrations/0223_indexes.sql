-- migrate:up

-- For those that are an hour old. The others served nothing that another index does not.
CREATE INDEX private_answers_created_idx ON private_answers (created_at);
DROP INDEX announcement_recipients_member_idx, delivery_shards_node_idx;

-- migrate:down
DROP INDEX private_answers_created_idx;
CREATE INDEX announcement_recipients_member_idx ON announcement_recipients (organization_id, user_id);
CREATE INDEX delivery_shards_node_idx ON delivery_shards (node);
