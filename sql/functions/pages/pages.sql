-- What a new page contains: a root component. chat_core/documents/patches/schema.py has the rules of such a tree.
CREATE FUNCTION new_page_content() RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT '{"rootId":1,"components":{"1":{"id":1,"name":"Page","desc":"页面根节点"}}}'
$$;

-- Called before bytes are stored with a page: refuses them beyond a quota. Call it with the page's row lock.
CREATE FUNCTION charge_page(page bigint, change bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF change > 0 AND storage_charge_documents(ARRAY[page], ARRAY[change]) <> '{}' THEN
        PERFORM refuse_storage(coalesce(storage_in_the_way(workspace_id, coalesce(created_by, 0), change), 'workspace'),
                               workspace_id, created_by, change)
        FROM documents WHERE id = page;
    END IF;
END
$$;

-- A new page with this content at version 1, owned by its creator; returns it as the owner sees it. The caller has
-- checked the content against its schema. A null content is that of new_page_content().
CREATE FUNCTION create_page(creator bigint, workspace bigint, name text, schema text, content text, is_template boolean)
RETURNS json LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    shown CONSTANT json := create_document(creator, workspace, 'page', name);
    made CONSTANT bigint := (shown ->> 'id')::bigint;
BEGIN
    UPDATE pages p SET schema = create_page.schema, is_template = create_page.is_template WHERE p.page_id = made;
    IF content IS NOT NULL THEN
        PERFORM charge_page(made, octet_length(content));
        UPDATE page_snapshots s SET content = create_page.content WHERE s.page_id = made;
    END IF;
    RETURN (SELECT document_json(d, creator) FROM documents d WHERE id = made);
END
$$;
