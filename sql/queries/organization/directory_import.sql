-- name: directory_import(organization, source, rows, parts, forced)
-- Makes the rows of a list the directory's, as far as they go; what was done, act by act.
SELECT act, about FROM import_directory(:organization, :source, :rows::jsonb, :parts, :forced);

-- name: directory_list_import(organization, rows, parts, forced)
-- The same of a list that an admin of the organisation uploads.
SELECT act, about FROM import_list(:organization, :rows::jsonb, :parts, :forced);

-- name: organization_feature_on(organization, name)
-- Whether there is such an organisation, and a feature is on for it.
SELECT EXISTS (SELECT FROM organizations WHERE id = :organization) AND feature_enabled(:name, :organization);
