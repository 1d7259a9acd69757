-- Features that app.yaml switches on, and organisations for themselves.

-- Whether a feature is on: for an organisation, or without one as app.yaml says.
CREATE FUNCTION feature_enabled(feature text, organization bigint DEFAULT NULL) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT o.enabled FROM organization_features o WHERE o.organization_id = organization AND o.name = feature),
                    (SELECT f.enabled FROM features f WHERE f.name = feature), false)
$$;

CREATE FUNCTION features_event_json(organization bigint, feature text, enabled boolean) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT row_to_json(shape) FROM (
        SELECT organization AS organization_id, json_build_object(feature, enabled) AS features
    ) shape
$$;
