-- migrate:up

-- A page as it was published: a copy that later edits do not change, at /p/slug until it is taken back. The audience is
-- everyone with the address, or the members of the page's workspace.
CREATE TABLE page_publications (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    page_id      bigint NOT NULL REFERENCES documents ON DELETE CASCADE,
    audience     text NOT NULL,
    slug         text NOT NULL,
    name         text NOT NULL,
    version      bigint NOT NULL,
    schema       text NOT NULL,
    content      text NOT NULL,
    published_by bigint REFERENCES users ON DELETE SET NULL,
    published_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT page_publications_page_id_key UNIQUE (page_id),
    CONSTRAINT page_publications_slug_key UNIQUE (slug),
    CONSTRAINT page_publications_audience_known CHECK (audience IN ('public', 'members')),
    CONSTRAINT page_publications_slug_plain CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) BETWEEN 3 AND 80),
    CONSTRAINT page_publications_schema_known CHECK (schema IN ('page', 'free')),
    CONSTRAINT page_publications_content_length CHECK (octet_length(content) BETWEEN 1 AND 67108864)
);
CREATE INDEX page_publications_published_by_idx ON page_publications (published_by);

-- migrate:down
DELETE FROM events WHERE kind = 'PagePublicationUpdated';
DROP TABLE page_publications;
