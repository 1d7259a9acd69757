-- The same for boards.
SELECT row_to_json(shape)::text FROM document_members m JOIN documents d ON d.id = m.document_id CROSS JOIN LATERAL (
    SELECT d.id, d.workspace_id, d.name, m.role, d.member_count,
           (SELECT document_thumbnail_json(t) FROM document_thumbnails t WHERE t.document_id = d.id) AS thumbnail,
           d.created_by, d.created_at, d.updated_at,
           CASE WHEN d.member_count <= 100 THEN array_to_json(ARRAY(
               SELECT document_member_json(o, u) FROM document_members o JOIN users u ON u.id = o.user_id
               WHERE o.document_id = d.id ORDER BY u.id)) END AS members,
           CASE WHEN m.role = 'owner' THEN array_to_json(ARRAY(
               SELECT invite_json(i) FROM invites i WHERE document_id = d.id ORDER BY id DESC)) END AS invites,
           array_to_json(ARRAY(SELECT document_version_json(v, 'board') FROM document_versions v
                               WHERE v.document_id = d.id ORDER BY id DESC)) AS versions
) shape
WHERE m.user_id = $1 AND d.deleted_at IS NULL ORDER BY d.id
