-- migrate:up

-- When what a released hold kept was deleted: some days after its release.
ALTER TABLE holds ADD COLUMN let_go_at timestamptz;
UPDATE holds SET let_go_at = released_at WHERE released_at IS NOT NULL;
CREATE INDEX holds_to_let_go_idx ON holds (released_at) WHERE released_at IS NOT NULL AND let_go_at IS NULL;

-- migrate:down
ALTER TABLE holds DROP COLUMN let_go_at;
