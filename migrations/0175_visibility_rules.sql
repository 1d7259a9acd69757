-- migrate:up

-- What members see less of in the directory: those in a department and below it, or all. `confined`: their own departments with
-- what is below alone. `hidden_fields`: of others, nobody's.
CREATE TABLE visibility_rules (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id bigint NOT NULL CONSTRAINT visibility_rules_organization_exists REFERENCES organizations ON DELETE CASCADE,
    department_id   bigint,
    confined        boolean NOT NULL DEFAULT false,
    hidden_fields   text[] NOT NULL DEFAULT '{}',
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT visibility_rules_department_exists FOREIGN KEY (department_id, organization_id)
        REFERENCES departments (id, organization_id) ON DELETE CASCADE,
    CONSTRAINT visibility_rules_key UNIQUE NULLS NOT DISTINCT (organization_id, department_id),
    CONSTRAINT visibility_rules_fields_known CHECK (hidden_fields <@ '{position,manager,custom_status}'),
    CONSTRAINT visibility_rules_narrow CHECK (confined OR hidden_fields <> '{}')
);
CREATE INDEX visibility_rules_department_idx ON visibility_rules (department_id, organization_id) WHERE department_id IS NOT NULL;

-- migrate:down
DROP TABLE visibility_rules;
