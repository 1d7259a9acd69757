-- migrate:up

-- The index of pages (docs/search/): the tokens of a page's name and of what its content says at a version, that of a
-- snapshot. A search looks at a page itself where the page has another version or name by now, and where tsv is null, which
-- means that the page has more different words than a tsvector holds. due_at: since when the follower is to index it again.
CREATE TABLE search_pages (
    page_id bigint PRIMARY KEY REFERENCES pages ON DELETE CASCADE,
    version bigint NOT NULL DEFAULT 0,
    name    text NOT NULL DEFAULT '',
    tsv     tsvector,
    due_at  timestamptz
);
CREATE INDEX search_pages_tokens_idx ON search_pages USING gin (tsv) WITH (fastupdate = off);
CREATE INDEX search_pages_due_idx ON search_pages (due_at) WHERE due_at IS NOT NULL;

INSERT INTO search_pages (page_id, due_at) SELECT page_id, now() FROM pages;

-- migrate:down
DROP TABLE search_pages;
