-- The rights of the servers' roles: the least that they need. What is not granted here is refused. Triggers write the
-- log and maintain counts as the owner of the tables (SECURITY DEFINER), so no server can write an event, a seq or a
-- count itself, nor prevent one from being written.
--
-- `fechatter migrate roles` runs it after roles.sql; from then on `fechatter migrate up` does whenever it has replaced
-- the code.

-- Revokes what an earlier version granted and this one does not, on all our objects.
DO $$
DECLARE
    ours text;
BEGIN
    FOR ours IN
        SELECT format('TABLE %s', oid::regclass) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'S') AND pg_has_role(relowner, 'USAGE')
        UNION ALL
        SELECT format('ROUTINE %s', oid::regprocedure) FROM pg_proc CROSS JOIN LATERAL aclexplode(proacl)
        WHERE pronamespace = 'public'::regnamespace AND pg_has_role(proowner, 'USAGE')
          AND pg_get_userbyid(grantee) IN ('fechatter_chat', 'fechatter_notify', 'fechatter_delivery')
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM fechatter_chat, fechatter_notify', ours);
        IF to_regrole('fechatter_delivery') IS NOT NULL THEN
            EXECUTE format('REVOKE ALL ON %s FROM fechatter_delivery', ours);
        END IF;
    END LOOP;
END
$$;
GRANT USAGE ON SCHEMA public TO fechatter_chat, fechatter_notify;

-- chat_server: writes chat data, except what triggers maintain (ids, seq, counts, times, workspace_id of members).
GRANT SELECT ON users, sessions, refresh_tokens, tickets, rate_limits, workspaces, workspace_members, chats, chat_members,
    messages, message_edits, message_reactions, message_pins, thread_followers, drafts, thread_drafts, mentions, idempotency_keys,
    audit_log, chat_bans, invites, documents, document_members, document_thumbnails, document_versions TO fechatter_chat;
GRANT INSERT (username, email, fullname, password_hash),
    UPDATE (username, email, email_verified_at, fullname, password_hash, avatar, avatar_file_id, status_text, status_emoji, status_until, presence_mode)
    ON users TO fechatter_chat;
GRANT SELECT, INSERT (user_id, hash), UPDATE (signed_in_at), DELETE ON devices TO fechatter_chat;
GRANT SELECT, DELETE ON password_resets TO fechatter_chat;
GRANT INSERT (user_id, expires_at, device_hash, provider, provider_sid, identity_id, amr, auth_time, device_name, address, last_seen_at, new_device, name_id, token_hash, token_name, scopes, second_factor, workspace_id, app_id),
    UPDATE (expires_at, revoked_at, revoked_reason, amr, auth_time, address, last_seen_at, second_factor), DELETE ON sessions TO fechatter_chat;
GRANT SELECT, INSERT (user_id, provider, issuer, subject, email, email_verified, last_used_at),
    UPDATE (email, email_verified, last_used_at), DELETE ON identities TO fechatter_chat;
GRANT SELECT, INSERT, UPDATE (expires_at), DELETE ON used_once, pending_sign_ins TO fechatter_chat;
GRANT SELECT, INSERT (kind, recipient, user_id, language, details, expires_at),
    UPDATE (recipient, user_id, due_at, attempts, sent_at, failed_at, error, used_at), DELETE ON mails TO fechatter_chat;
GRANT SELECT, DELETE ON mail_bounces TO fechatter_chat;
GRANT SELECT, INSERT, UPDATE, DELETE ON address_changes TO fechatter_chat;
GRANT EXECUTE ON FUNCTION ask_for_verification, ask_for_address, confirm_address, refuse_address, mail_new_device,
    follow_for_mails, settle_mail_notices, mailed_messages, expire_mail_notices, note_bounce, post_reply,
    mail_life, mail_bucket, add_link_mail, forget_password, claim_mails, use_mail_link,
    reset_password_by_mail, end_mail_links, claim_account, renew_password TO fechatter_chat;
GRANT SELECT, INSERT (user_id, secret, sealed_by), UPDATE (secret, sealed_by, confirmed_at, last_step), DELETE ON totp_factors TO fechatter_chat;
GRANT SELECT, INSERT (user_id, hashes), UPDATE (hashes, made_at) ON recovery_codes TO fechatter_chat;
GRANT EXECUTE ON FUNCTION second_factors, second_factors_json, await_second_factor, take_pending_sign_in, begin_totp, confirm_totp, second_factor_enrolled,
    use_totp, use_recovery_code, renew_recovery_codes, remove_totp, keep_demanded_factor, factor_buckets TO fechatter_chat;
GRANT SELECT, INSERT (user_id) ON passkey_holders TO fechatter_chat;
GRANT SELECT, INSERT (user_id, credential_id, public_key, sign_count, synced, transports, name),
    UPDATE (sign_count, synced, last_used_at), DELETE ON passkeys TO fechatter_chat;
GRANT EXECUTE ON FUNCTION most_passkeys, passkey_handle, passkey_json, add_passkey, use_passkey, remove_passkey TO fechatter_chat;
GRANT INSERT (hash, session_id), UPDATE (used_at) ON refresh_tokens TO fechatter_chat;
GRANT INSERT, UPDATE (expires_at), DELETE ON tickets TO fechatter_chat;
GRANT INSERT, UPDATE, DELETE ON rate_limits TO fechatter_chat;
GRANT SELECT, INSERT (message_id, traceparent), UPDATE (noted_at), DELETE ON message_traces TO fechatter_chat;
GRANT INSERT (name, description), UPDATE (name, description, retention_days, show_emails, link_previews, public_publishing, icon_file_id), DELETE ON workspaces TO fechatter_chat;
GRANT INSERT (workspace_id, user_id, role), UPDATE (role), DELETE ON workspace_members TO fechatter_chat;
GRANT SELECT, UPDATE (learned_at), DELETE ON clerk_objects TO fechatter_chat;
GRANT EXECUTE ON FUNCTION clerk_note, clerk_note_members, clerk_grants TO fechatter_chat;
GRANT SELECT (source, synchronised_at, stopped_at, let_go) ON synchronisations TO fechatter_chat;
GRANT SELECT, INSERT (workspace_id, provider, break_glass_owner), UPDATE (provider, break_glass_owner), DELETE ON required_providers TO fechatter_chat;
GRANT SELECT, INSERT (workspace_id), UPDATE (required_at), DELETE ON required_second_factors TO fechatter_chat;
GRANT EXECUTE ON FUNCTION must_have_second_factor, required_second_factor_json, required_provider, required_provider_json TO fechatter_chat;
GRANT EXECUTE ON FUNCTION sync_grants, sync_source, note_synchronisation TO fechatter_chat;
GRANT EXECUTE ON FUNCTION sync_directory, follow_name, follow_person TO fechatter_chat;
GRANT SELECT, INSERT (principal_id, delegate_id, permissions, workspace_id, chat_id, document_id, starts_at, ends_at, reason),
    UPDATE (accepted_at, revoked_at) ON delegations TO fechatter_chat;
GRANT EXECUTE ON FUNCTION permissions_known, acting_delegate, delegation_json, delegations_of, delegations_in_force, workspace_of_place,
    delegation_reaches, delegated_permissions, delegate_to TO fechatter_chat;
-- Directories suspend by source, and so does an organisation whose accounts are its own.
GRANT SELECT (user_id, source) ON suspensions TO fechatter_chat;
GRANT EXECUTE ON FUNCTION suspend_by TO fechatter_chat;
GRANT SELECT, INSERT (id, directory, user_id, identity_id, active, email, fullname, resource),
    UPDATE (identity_id, active, email, fullname, resource), DELETE ON scim_users TO fechatter_chat;
GRANT SELECT, INSERT (directory, display_name, external_id), UPDATE (display_name, external_id), DELETE ON scim_groups TO fechatter_chat;
GRANT SELECT, INSERT (directory, group_id, scim_user_id), DELETE ON scim_members TO fechatter_chat;
GRANT SELECT, INSERT, DELETE ON placements TO fechatter_chat;
GRANT USAGE ON SEQUENCE scim_users_id_seq TO fechatter_chat;
GRANT EXECUTE ON FUNCTION scim_create_user, scim_update_user, scim_delete_user, scim_store_group, scim_delete_group, scim_sync_grants, scim_stand_for, scim_sync_organizations,
    sync_groups, sync_departments, store_placements, lock_placed, place_in_groups, place_in_departments,
    scim_user_json, scim_group_json, scim_members_json, most_scim_members, may_provision, is_of_domains, lock_source TO fechatter_chat;
GRANT SELECT, INSERT (workspace_id, user_id, role, invited_by), DELETE ON workspace_invitations TO fechatter_chat;
GRANT SELECT, INSERT (user_id, workspace_id, inviter_id), DELETE ON invitation_blocks TO fechatter_chat;
GRANT INSERT (workspace_id, type, name, description), UPDATE (name, description, retention_days, password_hash, archived_at), DELETE ON chats
    TO fechatter_chat;
GRANT INSERT (chat_id, user_id, role), UPDATE (role, last_read_seq, late_mentions, notification_level, muted_until, silenced_until), DELETE
    ON chat_members TO fechatter_chat;
GRANT INSERT (chat_id, user_id, banned_by, reason, expires_at), UPDATE (banned_by, reason, created_at, expires_at), DELETE
    ON chat_bans TO fechatter_chat;
GRANT INSERT (chat_id, document_id, token_hash, role, created_by, expires_at, max_uses), UPDATE (uses), DELETE ON invites TO fechatter_chat;
GRANT INSERT (kind, workspace_id, name, created_by), UPDATE (name, deleted_at) ON documents TO fechatter_chat;
GRANT INSERT (document_id, user_id, role, invited_by), UPDATE (role), DELETE ON document_members TO fechatter_chat;
GRANT INSERT (document_id, data), UPDATE (data), DELETE ON document_thumbnails TO fechatter_chat;
GRANT INSERT (document_id, name, seq, state, created_by), UPDATE (name), DELETE ON document_versions TO fechatter_chat;
GRANT SELECT (chat_id, user_id, until), UPDATE (until), DELETE ON chat_silences TO fechatter_chat;
GRANT INSERT (chat_id, user_id, content), UPDATE (content), DELETE ON drafts TO fechatter_chat;
GRANT INSERT (thread_id, user_id, content), UPDATE (content), DELETE ON thread_drafts TO fechatter_chat;
GRANT INSERT (chat_id, sender_id, type, content, metadata, reply_to, files, forwarded_from),
    UPDATE (content, metadata, files, deleted_at, deleted_by) ON messages TO fechatter_chat;
GRANT INSERT (message_id, user_id, emoji), DELETE ON message_reactions TO fechatter_chat;
GRANT INSERT (message_id, pinned_by), DELETE ON message_pins TO fechatter_chat;
GRANT INSERT (thread_id, user_id), UPDATE (last_read_seq), DELETE ON thread_followers TO fechatter_chat;
GRANT INSERT (user_id, key, fingerprint, message_id, answer), UPDATE (created_at), DELETE ON idempotency_keys TO fechatter_chat;
-- Presence, and nothing else about the open streams.
GRANT SELECT (user_id, presence, leaves_at, seen_at) ON presences TO fechatter_chat;
GRANT SELECT (node, user_id) ON streams TO fechatter_chat;
GRANT SELECT (node, expires_at) ON notify_nodes TO fechatter_chat;
-- Of the log it reads positions, for the cursor of a snapshot, and no event.
GRANT SELECT (position, created_at) ON events TO fechatter_chat;
GRANT SELECT (epoch, floor) ON log_state TO fechatter_chat;
GRANT EXECUTE ON FUNCTION log_last, log_reached, log_replayed TO fechatter_chat;
GRANT EXECUTE ON FUNCTION
    user_json, own_message_json, message_json, message_edit_json, workspace_json, workspace_member_json, chat_member_json, chat_json, chat_snapshot_text,
    message_text, chat_member_text,
    chat_notifications_json, draft_json, thread_draft_json, seqs_above, unread_mentions, most_unread_mentions, reaction_json, pin_json, pinned_message_json,
    of_kind, document_json, document_snapshot_json, document_member_json, document_thumbnail_json, document_version_json,
    followed_thread_json, thread_with_message_json, thread_activity, thread_unread, snapshot_threads, chat_ban_json, invite_json,
    chat_ban_event_json, newest_chat_bans_json, newest_invites_json, snapshot_for_admins,
    snapshot_chats, lean_chats, snapshot_documents, chat_shared, lean_shared, lean_bytes, snapshot_messages, snapshot_bytes, snapshot_members, log_cursor, log_head, log_maintain, advance_steady_clock, steady_now, analyze_grown_tables,
    create_user, open_session, open_token, most_tokens, token_json, end_sessions, identify, add_identity, use_once, clerk_lock, hold_clerk, remove_identity, has_way_in, keep_way_in, identity_json, session_json, remember_device, most_devices, rotate_refresh_token, change_password, reset_password, deactivate_account, sign_in_buckets, directory_sign_in_buckets, guess_buckets, chat_password_buckets,
    rate_limit_open, rate_limit_charge, rate_limit_refund, rate_limit_lease,
    create_workspace, workspace_invitation_json, accept_workspace_invitation, decline_workspace_invitation,
    invitation_block_json, snapshot_invitations, create_chat, create_document, post_messages, lock_batch, perform_acts, perform_act, ids_of, refuse_deleted, message_reactions_json, read_marker_json, idempotency_take,
    custom_status_json, presence_json, report_idle, judge_typing, tell_typing, notices_key, typing_members, post_refused,
    may_join, few_channels_named, few_people_named, fold_name, bare_name, name_begins, chat_members_named, reaction_emoji
    TO fechatter_chat;
-- The follower that indexes messages and pages learns from the log which have changed, and writes by search_store(),
-- search_expect_pages() and search_store_page() alone.
GRANT SELECT ON search_documents, search_tokens, search_state, search_pages TO fechatter_chat;
GRANT EXECUTE ON FUNCTION search_changes, search_tail, search_begin, search_store, search_tidy, search_candidates, search_similar_tokens TO fechatter_chat;
GRANT EXECUTE ON FUNCTION search_expect_pages, search_store_page TO fechatter_chat;
GRANT SELECT, INSERT (message_id, reporter_id, reason, comment), UPDATE (status, note) ON reports TO fechatter_chat;
GRANT EXECUTE ON FUNCTION report_json, own_report_json, report_event_json, open_reports TO fechatter_chat;
-- Files come to be in begin_upload() and finish_upload(), and go with their last use.
GRANT SELECT ON files, file_uses, blobs, uploads, blob_deletions TO fechatter_chat;
GRANT UPDATE (received, expires_at), DELETE ON uploads TO fechatter_chat;
GRANT UPDATE (tried_at, error), DELETE ON blob_deletions TO fechatter_chat;
GRANT DELETE ON files TO fechatter_chat;
GRANT SELECT ON previews, blob_words TO fechatter_chat;
GRANT SELECT, UPDATE (tries, due_at, error) ON file_looks TO fechatter_chat;
GRANT INSERT (key, since) ON blob_deletions TO fechatter_chat;
GRANT EXECUTE ON FUNCTION claim_look, end_look, refuse_file, scan_copies, expire_uploads, types_of_files, file_types, names_of_files, file_names TO fechatter_chat;
GRANT EXECUTE ON FUNCTION file_json, files_json, shown_files, sees_file, sees_profile, shares_workspace, met_as_guests, meets_as_guest, begin_upload, finish_upload TO fechatter_chat;
GRANT EXECUTE ON FUNCTION attach_file, detach_file, note_bytes TO fechatter_chat;
GRANT SELECT, INSERT (workspace_id, name, file_id, created_by), DELETE ON custom_emoji TO fechatter_chat;
GRANT EXECUTE ON FUNCTION emoji_json, emoji_of TO fechatter_chat;
-- What is shown of links comes to be in show_links(), and goes with its last message.
GRANT SELECT ON link_previews, link_uses TO fechatter_chat;
GRANT SELECT, UPDATE (due_at, tries) ON link_lookups TO fechatter_chat;
GRANT EXECUTE ON FUNCTION follow_links, claim_link_lookup, end_link_lookup, show_links, shows_links, remove_links, see_link TO fechatter_chat;
GRANT SELECT, UPDATE (owner_id, description) ON bots TO fechatter_chat;
GRANT SELECT, INSERT (bot_id, chat_id, name, secret_hash, created_by), UPDATE (last_used_at), DELETE ON incoming_webhooks TO fechatter_chat;
GRANT SELECT, INSERT (bot_id, url, secret), UPDATE (url, secret, events, created_at), DELETE ON bot_endpoints TO fechatter_chat;
GRANT SELECT, INSERT (workspace_id, bot_id, name, description, usage), DELETE ON commands TO fechatter_chat;
GRANT SELECT, DELETE ON private_answers TO fechatter_chat;
GRANT SELECT, INSERT (user_id, bot_id, chat_id, view, created_at), UPDATE (view, version), DELETE ON dialogs TO fechatter_chat;
GRANT EXECUTE ON FUNCTION most_dialogs, is_reachable, open_dialog, dialog_json, top_dialog TO fechatter_chat;
GRANT SELECT, INSERT (workspace_id, owner_id, name, description, redirect_uris, scopes, secret_hash),
    UPDATE (owner_id, name, description, redirect_uris, scopes, secret_hash), DELETE ON apps TO fechatter_chat;
GRANT SELECT, INSERT (hash, app_id, maker_id, workspace_id, scopes, redirect_uri, challenge), UPDATE (used_at, session_id), DELETE
    ON app_codes TO fechatter_chat;
GRANT SELECT, INSERT (hash, session_id, scopes, expires_at), UPDATE (expires_at), DELETE ON app_tokens TO fechatter_chat;
GRANT EXECUTE ON FUNCTION most_app_sessions, is_redirect_uri, redirect_uri_key, is_redirect_uri_of, app_is_in_use, app_json, app_for,
    agree_to_app, admits_apps, may_connect_everywhere, may_connect, exchange_app_code, refresh_app, app_token_of, end_app, disconnect_app, revoke_app_token, connected_apps, token_session
    TO fechatter_chat;
GRANT EXECUTE ON FUNCTION create_bot, delete_bot, open_bot_token, bot_json, incoming_webhook_json, command_json, private_answer_json, answer_privately, follow_bot_events, claim_bot_event,
    end_bot_event, is_in_use, feature_enabled TO fechatter_chat;
-- Secrets of subscriptions are written here and read by delivery_server alone.
GRANT SELECT, INSERT (bot_id, name, address, kinds, chat_ids, ordered, epoch, position, created_by), DELETE ON subscriptions TO fechatter_chat;
GRANT SELECT ON deliveries, delivery_attempts TO fechatter_chat;
GRANT EXECUTE ON FUNCTION add_secret, subscription_json, delivery_json, delivery_attempt_json, change_subscription, redeliver TO fechatter_chat;
GRANT EXECUTE ON FUNCTION notification_settings_of, notification_settings_json, change_notification_settings TO fechatter_chat;
-- The private key of pushes is written here, and read by delivery_server alone.
GRANT SELECT (id, session_id), DELETE ON push_subscriptions TO fechatter_chat;
GRANT SELECT (public_key) ON push_keys TO fechatter_chat;
GRANT EXECUTE ON FUNCTION keep_push_key, subscribe_to_pushes, push_subscription_of TO fechatter_chat;
-- How many clients may start cold is an operator's to say.
GRANT SELECT (per_second) ON boot_limit TO fechatter_chat, fechatter_notify;
GRANT EXECUTE ON FUNCTION boot_lease TO fechatter_chat, fechatter_notify;
-- What app.yaml says of features; the rules of organisations are triggers'.
GRANT SELECT, INSERT (name, enabled), UPDATE (enabled) ON features TO fechatter_chat;
GRANT EXECUTE ON FUNCTION feature_enabled TO fechatter_chat;
GRANT SELECT, INSERT (organization_id, name, enabled), UPDATE (enabled), DELETE ON organization_features TO fechatter_chat;
GRANT SELECT, INSERT (name), UPDATE (name), DELETE ON organizations TO fechatter_chat;
GRANT SELECT, INSERT (organization_id, user_id, kind, role), UPDATE (kind, role, manager_id), DELETE ON organization_members TO fechatter_chat;
GRANT UPDATE (organization_id) ON workspaces TO fechatter_chat;
GRANT SELECT ON department_tree TO fechatter_chat;
GRANT SELECT, INSERT (organization_id, parent_id, name, place, hidden, external_id),
    UPDATE (parent_id, name, place, hidden, external_id), DELETE ON departments TO fechatter_chat;
GRANT SELECT, INSERT (organization_id, name), UPDATE (name), DELETE ON positions TO fechatter_chat;
GRANT SELECT, INSERT (organization_id, department_id, user_id, position_id, is_head, is_primary, starts_at, ends_at, source),
    UPDATE (department_id, position_id, is_head, is_primary, starts_at, ends_at, is_current), DELETE ON appointments TO fechatter_chat;
GRANT SELECT, INSERT (organization_id, name, description, external_id), UPDATE (name, description, external_id), DELETE ON groups TO fechatter_chat;
GRANT SELECT, INSERT (organization_id, name, description, permissions), UPDATE (name, description, permissions), DELETE ON roles TO fechatter_chat;
GRANT SELECT, INSERT (organization_id, role_id, user_id, group_id, department_id, with_below, workspace_id, scope_department_id, chat_id, document_id, ends_at),
    UPDATE (ends_at), DELETE ON role_bindings TO fechatter_chat;
GRANT EXECUTE ON FUNCTION role_json, role_permissions, role_binding_json, own_binding_json, bindings_of, bindings_at, granted_permissions, holds,
    has_by_membership, needed_at, role_at, role_rank, role_suffices, permissions_needed, permissions_bindable, permissions_showing, permission_sources,
    bind_role TO fechatter_chat;
GRANT SELECT, INSERT (chat_id, department_id, with_below), UPDATE (department_id, with_below), DELETE ON department_chats TO fechatter_chat;
GRANT EXECUTE ON FUNCTION department_chat_json TO fechatter_chat;
GRANT SELECT, INSERT (group_id, user_id, source), DELETE ON group_members TO fechatter_chat;
GRANT SELECT, INSERT (organization_id, department_id, confined, hidden_fields), DELETE ON visibility_rules TO fechatter_chat;
GRANT EXECUTE ON FUNCTION visibility_rule_json, rules_for, is_confined, hidden_fields, finds_person, is_meant, narrowed(appointments, text[]),
    narrowed(organization_members, text[]), narrowed(users, text[]) TO fechatter_chat;
GRANT SELECT, INSERT (organization_id, author_id, title, content, acknowledgement_required, department_ids, group_ids),
    UPDATE (title, content, withdrawn_at) ON announcements TO fechatter_chat;
GRANT SELECT, UPDATE (acknowledged_at) ON announcement_recipients TO fechatter_chat;
GRANT EXECUTE ON FUNCTION announcement_json, published_announcement_json, open_announcement_json, announcements_of, change_announcement,
    acknowledge_announcement TO fechatter_chat;
GRANT EXECUTE ON FUNCTION own_organization_json, organization_member_json, directory_person_json, create_organization, department_json, position_json,
    appointment_json, group_json, is_within, sees_department TO fechatter_chat;
-- Of the figures of the server it reads what overview_json() says.
GRANT SELECT (user_id) ON operators TO fechatter_chat;
GRANT EXECUTE ON FUNCTION overview_json, keeps_account, list_source, suspending_source, suspend_member, import_list TO fechatter_chat;
-- Online time is counted and read by functions alone.
GRANT UPDATE (time_zone) ON users TO fechatter_chat;
GRANT EXECUTE ON FUNCTION settle_online_time, expire_online_days, own_online_time, online_statistics TO fechatter_chat;
-- People are deleted by functions alone.
GRANT SELECT ON person_deletions TO fechatter_chat;
GRANT EXECUTE ON FUNCTION delete_person, erase_person, deletion_preview, deletion_json, begin_person_export, keeper_of_account TO fechatter_chat;
-- Only retention deletes messages, in expire_messages().
GRANT EXECUTE ON FUNCTION unread, expire_messages, kept_days TO fechatter_chat;
-- The history of boards likewise, in expire_board_updates(). Their content is read for exports and versions, and
-- written when a version is restored.
GRANT SELECT ON board_updates, board_snapshots TO fechatter_chat;
GRANT SELECT ON board_quarantine TO fechatter_chat;
GRANT EXECUTE ON FUNCTION board_append, quarantine_board_updates, board_quarantine_json TO fechatter_chat;
GRANT EXECUTE ON FUNCTION expire_board_updates TO fechatter_chat;
-- Pages likewise: both servers append patches and keep snapshots, by functions alone.
GRANT SELECT ON pages, page_snapshots, page_ops TO fechatter_chat;
GRANT UPDATE (is_template) ON pages TO fechatter_chat;
GRANT SELECT (page_id, op_id, refused_at), DELETE ON page_refusals TO fechatter_chat;
GRANT SELECT, INSERT (page_id, audience, slug, name, version, schema, content, published_by),
    UPDATE (audience, slug, name, version, schema, content, published_by), DELETE ON page_publications TO fechatter_chat;
GRANT SELECT, INSERT (page_id, component_id, version, reply_to, author_id, content), UPDATE (content, resolved_at, resolved_by), DELETE
    ON page_comments TO fechatter_chat;
GRANT EXECUTE ON FUNCTION page_publication_json, publish_page, page_comment_json TO fechatter_chat;
GRANT EXECUTE ON FUNCTION create_page, new_page_content, page_fields, with_fields, page_append, page_refuse, page_keep_snapshot, expire_page_ops TO fechatter_chat;
-- Holds: placed and released, and what they keep is read by nobody.
GRANT SELECT, INSERT (workspace_id, name, reason, user_id, chat_id, since, until), UPDATE (released_at, release_reason) ON holds TO fechatter_chat;
GRANT EXECUTE ON FUNCTION hold_json TO fechatter_chat;
GRANT SELECT, INSERT (workspace_id, hold_id, reason, asked_by), UPDATE (decided_by, approved) ON cases TO fechatter_chat;
GRANT EXECUTE ON FUNCTION case_status, case_json, begin_case_export, case_records, end_case_export TO fechatter_chat;
-- Rules about what may be said. What they hold is read and ended by functions.
GRANT SELECT, INSERT (workspace_id, name, kind, words, pattern, action, enabled, created_by), UPDATE (name, words, pattern, action, enabled), DELETE
    ON dlp_rules TO fechatter_chat;
GRANT SELECT ON dlp_screens, held_messages TO fechatter_chat;
GRANT EXECUTE ON FUNCTION dlp_rule_json, held_message_json, hold_blocked, audit_blocked_edit, end_review, let_go_of_released TO fechatter_chat;
-- Triggers count what is stored; quotas come from app.yaml.
GRANT SELECT ON storage_usage, storage_quotas, storage_exceptions TO fechatter_chat;
GRANT EXECUTE ON FUNCTION storage_json, storage_of_workspace, storage_of_user, storage_allowed_in_workspace, storage_allowed_to_user,
    set_storage_quotas TO fechatter_chat;
-- Only triggers write the audit log.
GRANT EXECUTE ON FUNCTION acting_user, audit_json, rehash_password TO fechatter_chat;
-- Triggers ask it.
GRANT EXECUTE ON FUNCTION importing, gathered TO fechatter_chat;

-- notify_server: reads the log and memberships; writes only through these functions.
GRANT SELECT ON events TO fechatter_notify;
GRANT SELECT (message_id, traceparent) ON message_traces TO fechatter_notify;
-- The channel too: whoever knows its name can read new events there, and forge some.
GRANT SELECT (epoch, floor, channel) ON log_state TO fechatter_notify;
GRANT SELECT (no, epoch, last_position) ON log_epochs TO fechatter_notify;
GRANT EXECUTE ON FUNCTION relay_lead, relay_evict, database_figures TO fechatter_notify;
GRANT SELECT ON SEQUENCE events_position_seq TO fechatter_notify;
GRANT SELECT (id, status, fullname) ON users TO fechatter_notify;
GRANT SELECT (id, user_id, expires_at, revoked_at, workspace_id) ON sessions TO fechatter_notify;
GRANT SELECT (workspace_id, user_id, role) ON workspace_members TO fechatter_notify;
GRANT SELECT (chat_id, user_id, role) ON chat_members TO fechatter_notify;
GRANT SELECT (id, workspace_id) ON chats TO fechatter_notify;
GRANT SELECT (document_id, user_id, role) ON document_members TO fechatter_notify;
GRANT SELECT (id, kind, workspace_id, deleted_at, last_seq) ON documents TO fechatter_notify;
GRANT SELECT ON pages, page_snapshots, page_ops TO fechatter_notify;
GRANT EXECUTE ON FUNCTION delegated_stream TO fechatter_notify;
GRANT EXECUTE ON FUNCTION page_append, page_refuse, page_keep_snapshot TO fechatter_notify;
GRANT SELECT ON board_updates, board_snapshots, board_quarantine, document_presence TO fechatter_notify;
GRANT EXECUTE ON FUNCTION log_check_epoch, log_break, log_head, log_replicated, log_replayed, redeem_ticket, use_token, report_streams, node_stops, board_append, board_keep_snapshot, quarantine_board_updates,
    tell_document_presence, notices_key, next_document_opening, documents_without_room
    TO fechatter_notify;

-- delivery_server: reads the log, and where its bots are; all else by these functions. Installations that are older than it
-- have no such role before `fechatter migrate roles` has been run again.
DO $$
BEGIN
    IF to_regrole('fechatter_delivery') IS NOT NULL THEN
        GRANT USAGE ON SCHEMA public TO fechatter_delivery;
        GRANT SELECT ON events TO fechatter_delivery;
        GRANT SELECT (epoch, floor, channel) ON log_state TO fechatter_delivery;
        GRANT SELECT (no, epoch, last_position) ON log_epochs TO fechatter_delivery;
        GRANT EXECUTE ON FUNCTION log_last TO fechatter_delivery;
        GRANT SELECT ON SEQUENCE events_position_seq TO fechatter_delivery;
        GRANT SELECT (id, workspace_id) ON chats, documents TO fechatter_delivery;
        GRANT SELECT (id, disabled_at) ON subscriptions TO fechatter_delivery;
        GRANT EXECUTE ON FUNCTION log_check_epoch, log_break, log_head, log_replicated, shard_of, hold_shards, leave_shards, subscription_state, subscription_events,
            record_deliveries, forget_deliveries TO fechatter_delivery;
        GRANT EXECUTE ON FUNCTION push_private_key, follow_pushes, claim_pushes, end_push, next_push TO fechatter_delivery;
        GRANT SELECT ON sinks TO fechatter_delivery;
        GRANT EXECUTE ON FUNCTION hold_sink, leave_sinks, sink_events, record_sink TO fechatter_delivery;
    END IF;
END
$$;
