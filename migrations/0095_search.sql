-- migrate:up

-- The index of messages (docs/search/). A follower of the log fills it, so posting neither writes nor waits for it; what
-- it has not reached yet is read from the log. btree_gin is of PostgreSQL's own contrib, and needs no superuser.
CREATE EXTENSION IF NOT EXISTS btree_gin;

-- tsv has the tokens of the message's content, and those that begin with a word and a colon, which no text has: from:5.
-- It refers to no message: a row of a message that is gone finds nothing, and is deleted later.
CREATE TABLE search_documents (
    message_id bigint PRIMARY KEY,
    chat_id    bigint NOT NULL,
    sender_id  bigint NOT NULL,
    created_at timestamptz NOT NULL,
    tsv        tsvector NOT NULL
);
CREATE INDEX search_documents_tokens_idx ON search_documents USING gin (chat_id, tsv);

-- How many rows of search_documents have a token: how a query is best answered depends on it.
CREATE TABLE search_tokens (
    token     text COLLATE "C" PRIMARY KEY,
    documents bigint NOT NULL
) WITH (fillfactor = 80);

-- Up to which event of the log the index is complete, and its time: if another event is there, the log is another one.
-- Messages with smaller ids than `remaining` are still to be indexed; `complete` says whether they are there all the same,
-- from before. `analyser`: of which rules the tokens are.
CREATE TABLE search_state (
    singleton  boolean PRIMARY KEY DEFAULT true,
    analyser   integer NOT NULL DEFAULT 0,
    epoch      text NOT NULL DEFAULT '',
    position   bigint NOT NULL DEFAULT 0,
    made_at    timestamptz,
    remaining  bigint,
    complete   boolean NOT NULL DEFAULT false,
    CONSTRAINT search_state_singleton CHECK (singleton)
);
INSERT INTO search_state DEFAULT VALUES;

-- migrate:down
DROP TABLE search_documents, search_tokens, search_state;
DROP EXTENSION btree_gin;
