-- name: features_set(names, enabled)
-- What app.yaml says, of each name; what is so already is left alone.
INSERT INTO features (name, enabled)
SELECT name, said FROM unnest(:names::text[], :enabled::boolean[]) AS of_settings (name, said)
WHERE feature_enabled(name) <> said ORDER BY name
ON CONFLICT (name) DO UPDATE SET enabled = excluded.enabled;

-- name: features_on()
-- The names of features that are on, and those of organisations that differ.
SELECT NULL::bigint AS organization_id, name, enabled FROM features WHERE enabled
UNION ALL SELECT organization_id, name, enabled FROM organization_features;

-- name: workspaces_of_differing()
-- The workspaces of organisations that differ, with these.
SELECT w.id, w.organization_id FROM workspaces w
WHERE w.organization_id IN (SELECT organization_id FROM organization_features);

-- name: features_of_user(user, names)
-- Which features are on, and where the user's organisations differ.
SELECT row_to_json(shape)::text FROM (
    SELECT (SELECT json_object_agg(name, feature_enabled(name)) FROM unnest(:names::text[]) AS name) AS features,
           (SELECT coalesce(json_object_agg(organization_id, differing), '{}')
            FROM (SELECT organization_id, json_object_agg(name, enabled ORDER BY name) AS differing
                  FROM organization_members JOIN organization_features USING (organization_id)
                  WHERE user_id = :user GROUP BY organization_id ORDER BY organization_id) own) AS organizations
) shape;
