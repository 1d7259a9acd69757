-- migrate:up

-- Words with typos are compared with these by their trigrams; shorter ones are not.
CREATE INDEX search_tokens_similar_idx ON search_tokens USING gin (token gin_trgm_ops) WHERE length(token) >= 4;

-- Without messages the index is complete as it is, and follows the log from its beginning.
UPDATE search_state SET analyser = 1, complete = true
WHERE analyser = 0 AND NOT EXISTS (SELECT FROM messages) AND NOT EXISTS (SELECT FROM events);

-- migrate:down
DROP INDEX search_tokens_similar_idx;
