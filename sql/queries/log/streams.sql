-- name: streams_open(users, sessions)
-- Everything needed to open streams, in one snapshot, a row for each user in their order: the position of the log, the
-- end of the session (null if invalid; seconds since 1970), and the user's access. The arrays are subqueries, so that
-- the planner does not count their elements: else it plans each call anew, which takes three times as long as running it.
WITH log AS MATERIALIZED (SELECT epoch, floor, log_head() AS head FROM log_state)
SELECT log.epoch, log.floor, log.head,
       (SELECT extract(epoch FROM sessions.expires_at)::float8 FROM sessions JOIN users ON users.id = sessions.user_id
        WHERE sessions.id = asked.session_id AND users.id = asked.user_id AND users.status = 'active'
          AND sessions.revoked_at IS NULL AND sessions.expires_at > now()) AS good_until,
       chats, administered_chats, documents, administered_documents, workspaces, administered_workspaces
FROM log, unnest((SELECT :users::bigint[]), (SELECT :sessions::bigint[])) WITH ORDINALITY AS asked (user_id, session_id, place)
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(chat_id), '{}') AS chats,
           coalesce(array_agg(chat_id) FILTER (WHERE role <> 'member'), '{}') AS administered_chats
    FROM chat_members WHERE user_id = asked.user_id
) in_chats CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(document_id), '{}') AS documents,
           coalesce(array_agg(document_id) FILTER (WHERE role = 'owner'), '{}') AS administered_documents
    FROM document_members JOIN documents ON documents.id = document_id WHERE user_id = asked.user_id AND deleted_at IS NULL
) in_documents CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(workspace_id), '{}') AS workspaces,
           coalesce(array_agg(workspace_id) FILTER (WHERE role <> 'member'), '{}') AS administered_workspaces
    FROM workspace_members WHERE user_id = asked.user_id
) in_workspaces
ORDER BY asked.place;

-- name: stream_effects(user_id, position, last)
-- What the log did to a user's access after a position, up to a last one: of each place and effect the newest event, in
-- order.
SELECT max(position) AS position, effect, chat_id, document_id, workspace_ids
FROM events
WHERE effect IS NOT NULL AND user_id = :user_id AND position > :position AND position <= :last
GROUP BY effect, chat_id, document_id, workspace_ids ORDER BY 1;

-- name: stream_page(user_id, chats, documents, workspaces, position, last, amount, bytes)
-- The next events, up to a last one, that may concern a user, limited in number and in bytes of payload, and whether
-- the log, of this epoch, reaches back to their position: the event there was neither dropped nor removed by hand. Always
-- at least one row.
SELECT state.epoch, state.floor <= :position AND (state.floor = :position OR EXISTS (SELECT FROM events WHERE position = :position)) AS reaches,
       e.position, e.kind, e.audience, e.chat_id, e.document_id, e.user_id, e.workspace_ids, e.message_id, e.effect, e.payload, e.created_at
FROM log_state state
LEFT JOIN LATERAL (
    SELECT *, sum(octet_length(payload::text)) OVER (ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
    FROM (
        SELECT * FROM events
        WHERE position > (SELECT :position::bigint) AND position <= (SELECT :last::bigint)
          AND (user_id = :user_id
               OR audience <> 'user' AND (chat_id = ANY (:chats) OR document_id = ANY (:documents) OR workspace_ids && :workspaces))
        ORDER BY position LIMIT (SELECT :amount::bigint)
    ) next
) e ON coalesce(e.before, 0) < :bytes
ORDER BY e.position;

-- name: places_within(user_id, workspace, chats, documents)
-- Which of these places are in a workspace. Where one was that is gone, an event says that gave the user access, or ended
-- it, as long as the log has it.
WITH told AS (
    SELECT chat_id, document_id, payload ->> 'workspace_id' AS workspace FROM events
    WHERE effect IN ('grant', 'grant_admin', 'revoke') AND user_id = :user_id
      AND (chat_id IN (SELECT unnest(:chats::bigint[]) EXCEPT SELECT id FROM chats WHERE id = ANY ((SELECT :chats::bigint[])::bigint[]))
           OR document_id IN (SELECT unnest(:documents::bigint[])
                              EXCEPT SELECT id FROM documents WHERE id = ANY ((SELECT :documents::bigint[])::bigint[])))
)
SELECT ARRAY(SELECT id FROM chats WHERE id = ANY ((SELECT :chats::bigint[])::bigint[]) AND workspace_id = :workspace
             UNION SELECT chat_id FROM told WHERE chat_id IS NOT NULL AND workspace::bigint = :workspace) AS chats,
       ARRAY(SELECT id FROM documents WHERE id = ANY ((SELECT :documents::bigint[])::bigint[]) AND workspace_id = :workspace
             UNION SELECT document_id FROM told WHERE document_id IS NOT NULL AND workspace::bigint = :workspace) AS documents;

-- name: ticket_redeem(hash)
-- Marks a ticket as used; a row only if it was valid.
SELECT user_id, session_id, extract(epoch FROM token_expires_at)::bigint AS expires_at FROM redeem_ticket(:hash);

-- name: token_use(hash)
-- The user, session and scopes of a personal access token, and the workspace to which it is bound; a row only if it is
-- valid.
SELECT user_id, session_id, expires_at, scopes, workspace_id FROM use_token(:hash);

-- name: streams_report(node, opened, closed, again, grace_seconds, life_seconds, missed_seconds, hears, waiting)
-- Reports the streams of a node that were opened and closed since its last report, how many wait to be opened, and that the
-- node is alive; returns what it has to send over NATS.
SELECT known, leaves_in, told
FROM report_streams(:node, :opened, :closed, :again, :grace_seconds, :life_seconds, :missed_seconds, :hears, :waiting);

-- name: node_stops(node)
-- Marks a node as one that stops. Returns how many nodes go on and how many stop, itself included, and how many streams
-- wait to be let in at those that go on.
SELECT going_on, stopping, waiting FROM node_stops(:node);
