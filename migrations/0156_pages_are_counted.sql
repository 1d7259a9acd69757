-- migrate:up

-- What patches have read and written, and comments, count as part of a page.
UPDATE documents d SET stored_bytes = stored_bytes
    + coalesce((SELECT sum(octet_length(effects)) FROM page_ops o WHERE o.page_id = d.id), 0)
    + coalesce((SELECT sum(octet_length(content)) FROM page_comments c WHERE c.page_id = d.id), 0)
WHERE kind = 'page';

-- migrate:down
UPDATE documents d SET stored_bytes = greatest(0, stored_bytes
    - coalesce((SELECT sum(octet_length(effects)) FROM page_ops o WHERE o.page_id = d.id), 0)
    - coalesce((SELECT sum(octet_length(content)) FROM page_comments c WHERE c.page_id = d.id), 0))
WHERE kind = 'page';
