-- A user's chats as snapshot_chats() has them, each field looked up by itself.
SELECT row_to_json(shape)::text FROM chat_members m JOIN chats c ON c.id = m.chat_id CROSS JOIN LATERAL (
    SELECT c.id, c.workspace_id, c.type, c.name, c.description, c.password_hash IS NOT NULL AS has_password, c.archived_at,
           c.retention_days, m.role, m.silenced_until, c.member_count, c.first_seq, c.first_message_id, c.last_seq, m.last_read_seq,
           greatest(c.last_seq - greatest(m.last_read_seq, c.first_seq - 1), 0) AS unread,
           cardinality(mentioned.seqs) AS mention_count, mentioned.seqs AS unread_mentions, m.notification_level, m.muted_until,
           c.created_at, c.updated_at,
           (SELECT draft_json(d) FROM drafts d WHERE d.chat_id = c.id AND d.user_id = m.user_id) AS draft,
           CASE WHEN c.member_count <= 100 THEN array_to_json(ARRAY(
               SELECT chat_member_json(o, u) FROM chat_members o JOIN users u ON u.id = o.user_id
               WHERE o.chat_id = c.id ORDER BY u.id)) END AS members,
           array_to_json(ARRAY(
               SELECT message FROM (
                   SELECT seq, message_json(n) AS message, sum(octet_length(message_json(n)::text)) OVER (ORDER BY seq DESC) AS size
                   FROM (SELECT * FROM messages WHERE chat_id = c.id ORDER BY seq DESC LIMIT 20) n) measured
               WHERE size <= 32768 ORDER BY seq)) AS messages,
           array_to_json(ARRAY(SELECT message_id FROM message_pins WHERE chat_id = c.id ORDER BY id DESC)) AS pinned_message_ids,
           CASE WHEN m.role <> 'member' THEN array_to_json(ARRAY(
               SELECT chat_ban_event_json(b) FROM chat_bans b WHERE chat_id = c.id ORDER BY created_at DESC, user_id DESC)) END AS bans,
           CASE WHEN m.role <> 'member' THEN array_to_json(ARRAY(
               SELECT invite_json(i) FROM invites i WHERE chat_id = c.id ORDER BY id DESC)) END AS invites
    FROM (SELECT ARRAY(
        SELECT DISTINCT seq FROM mentions n WHERE n.chat_id = c.id AND (
            (n.user_id = m.user_id OR n.user_id IS NULL) AND seq > m.last_read_seq
            OR n.user_id = m.user_id AND seq = ANY (m.late_mentions)) ORDER BY seq) AS seqs) mentioned
) shape
WHERE m.user_id = $1 ORDER BY c.id
