-- name: links_follow(amount, most_waiting, most_of_sender)
-- Queues the messages with links among the next events; returns how many events there were.
SELECT follow_links(:amount, :most_waiting, :most_of_sender);

-- name: link_lookup_claim(seconds, busy)
-- A message whose links are due, of another sender than these, if there is one. Nobody else gets it for that time.
SELECT * FROM claim_link_lookup(:seconds, :busy);

-- name: link_lookup_put_off(message, seconds)
-- Another time, and this one does not count.
UPDATE link_lookups SET tries = tries - 1, due_at = now() + make_interval(secs => :seconds)
WHERE message_id = :message RETURNING 1;

-- name: link_lookup_end(message, most_tries)
-- Ends a look-up that showed nothing: it is over, or due again for what the message is now.
SELECT end_link_lookup(:message, :most_tries);

-- name: links_known(hashes)
-- What is known of these URLs and has not expired, the newest of each.
SELECT DISTINCT ON (url_sha256) url_sha256, id FROM link_previews
WHERE url_sha256 = ANY (:hashes::bytea[]) AND expires_at > now() ORDER BY url_sha256, expires_at DESC;

-- name: links_show(message, content, found, again_seconds)
-- Shows what was found out of a message's links, and looks them up again after these seconds, unless they are null; false
-- if it is not that message any more.
SELECT show_links(:message, :content, :found::jsonb, :again_seconds);

-- name: links_remove(message)
-- Removes what is shown of a message's links, for good.
SELECT remove_links(:message);

-- name: link_lookups_waiting()
-- How many messages wait for their links to be looked up.
SELECT count(*) FROM link_lookups;

-- name: link_image_seen(chat, message, link)
-- The picture of a link that a message of this chat shows; nothing otherwise.
SELECT l.key, l.store, l.sealed_key, l.size, 'image/webp' AS type, 'link.webp' AS name, 'link-' || l.id AS sha256
FROM link_uses u JOIN link_previews l ON l.id = u.link_preview_id JOIN messages m ON m.id = u.message_id
WHERE m.chat_id = :chat AND u.message_id = :message AND u.link_preview_id = :link AND l.key IS NOT NULL;

-- name: links_resolve(user, workspace, urls, kinds, ids, chats, slugs, within, public)
-- What the user may see of links to this server, in their order; null workspace: in all of theirs; `within`: whether the
-- token's scopes reach it. One of which they may see nothing looks like one that leads nowhere.
SELECT coalesce(array_to_json(array_agg(json_build_object(
    'url', url, 'kind', asked.kind, 'id', asked.id, 'chat_id', asked.chat, 'title', title, 'excerpt', excerpt,
    'sender_id', sender_id, 'created_at', created_at) ORDER BY place)), '[]')::text
FROM unnest(:urls::text[], :kinds::text[], :ids::bigint[], :chats::bigint[], :slugs::text[], :within::boolean[])
    WITH ORDINALITY AS asked (url, kind, id, chat, slug, within, place)
LEFT JOIN LATERAL see_link(:user, :workspace, asked.kind, asked.id, asked.chat, asked.slug, :public) ON asked.within;
