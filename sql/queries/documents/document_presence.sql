-- name: tell_document_presence(node, documents, clients, users, sessions, openings, clocks, states, quiet)
-- Publishes a node's clients on documents to other nodes, with a null state for those that have left; false if there is
-- no other node. And whether all hear what is sent over NATS.
SELECT tell_document_presence(:node, :documents, :clients, :users, :sessions, :openings, :clocks, :states, :quiet) AS told,
       notices_key() IS NOT NULL AS all_hear;

-- name: document_presence(documents, node)
-- Who has these documents open on other nodes, without those who have lost their place before their node knows it.
SELECT p.document_id, client_id, p.user_id, session_id, opening, clock, state
FROM document_presence p
JOIN documents ON documents.id = p.document_id AND documents.deleted_at IS NULL
JOIN document_members m ON m.document_id = p.document_id AND m.user_id = p.user_id
JOIN sessions ON sessions.id = session_id AND sessions.revoked_at IS NULL
WHERE p.document_id = ANY (:documents::bigint[]) AND node <> :node;
