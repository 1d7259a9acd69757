-- migrate:up

-- In which groups and departments of organisations a directory has somebody: what each source said last, also of those who
-- are not in the organisation. They are put there when they join.
CREATE TABLE placements (
    source text NOT NULL CONSTRAINT placements_source_length CHECK (char_length(source) BETWEEN 1 AND 80),
    user_id bigint NOT NULL CONSTRAINT placements_user_exists REFERENCES users ON DELETE CASCADE,
    group_id bigint CONSTRAINT placements_group_exists REFERENCES groups ON DELETE CASCADE,
    department_id bigint CONSTRAINT placements_department_exists REFERENCES departments ON DELETE CASCADE,
    CONSTRAINT placements_key UNIQUE NULLS NOT DISTINCT (user_id, source, group_id, department_id),
    CONSTRAINT placements_name_one CHECK (num_nonnulls(group_id, department_id) = 1)
);
CREATE INDEX placements_source_idx ON placements (source, user_id);
CREATE INDEX placements_group_idx ON placements (group_id) WHERE group_id IS NOT NULL;
CREATE INDEX placements_department_idx ON placements (department_id) WHERE department_id IS NOT NULL;

-- migrate:down
DROP TABLE placements;
