-- name: visibility_rules_of(organization, after, limit)
-- A page of the rules, by id.
WITH page AS (
    SELECT r.id, visibility_rule_json(r) AS item FROM visibility_rules r
    WHERE organization_id = :organization AND r.id > :after ORDER BY r.id LIMIT :limit + 1
)
SELECT coalesce(array_to_json((array_agg(item ORDER BY id))[1 : :limit]), '[]')::text AS items,
       CASE WHEN count(*) > :limit THEN (array_agg(id ORDER BY id))[:limit] END AS next
FROM page;

-- name: visibility_rule_create(organization, department, confined, hidden_fields)
-- A new rule, of those in a department or of all.
INSERT INTO visibility_rules (organization_id, department_id, confined, hidden_fields)
VALUES (:organization, :department, :confined, :hidden_fields) RETURNING visibility_rule_json(visibility_rules)::text;

-- name: visibility_rule_delete(organization, rule)
-- From here on it narrows nothing.
DELETE FROM visibility_rules WHERE id = :rule AND organization_id = :organization RETURNING id;
