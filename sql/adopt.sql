-- Earlier versions did not mark what they created from sql/ (chat_core/database/code.py). Such objects are recognised
-- by their names, and marked here, once, so that they are replaced like all others. Objects that others have created
-- under other names are not ours.
DO $$
DECLARE
    functions CONSTANT text[] := regexp_split_to_array(btrim('
        accept_workspace_invitation access_effect acting_user administers analyze_grown_tables audit audit_board_invites
        audit_board_members audit_board_state audit_board_versions audit_boards audit_chat_bans audit_chat_invites
        audit_chat_members audit_chat_retention audit_chat_state audit_chats audit_invites audit_json audit_messages
        audit_password_resets audit_reports audit_sessions audit_silences audit_users audit_workspace_invitations
        audit_workspace_members audit_workspace_retention audit_workspaces board_append board_audit
        board_invite_audit board_invite_json board_json board_keep_snapshot board_member_json board_quarantine_json
        board_snapshot_json board_thumbnail_json board_version_audit board_version_json board_versions_most
        boards_without_room bury_message change_password chat_audit chat_ban_audit chat_ban_event_json chat_ban_json
        chat_invite_audit chat_invite_json chat_json chat_member_json chat_notifications_json chat_password_buckets
        chat_pins chat_shared chat_snapshot_json check_board_owner check_board_owner_of_member check_chat_owner
        check_chat_owner_of_member check_new_board_owner check_new_chat_owner check_reaction_removal
        check_single_chat check_unpin check_workspace_owner close_to_strangers comes_unasked count_board_members
        count_chat_members count_expired_updates count_messages count_new_board count_reactions count_snapshot
        count_thumbnail count_version create_board create_chat create_user create_workspace custom_status_json
        deactivate_account decline_workspace_invitation defer_log delete_below_first_seq
        delete_single_chats_of_leaver deleted_message_json derive_username draft_json edit_message effect_at_commit
        everyone_members expire_board_updates expire_messages few_channels_named fill_board_member fill_chat_member
        fill_report fill_thread_follower find_mentions followed_thread_json grow_threads handle_report
        idempotency_take invitation_block_json invitation_is_blocked invite_audit invite_json is_plain judge_typing
        keep_invitations keep_mentions keep_silence keep_the_log kept_days lock_board_of_member lock_chat_of_member
        lock_workspace_of_member log_append log_board_invites log_board_members log_board_quarantine
        log_board_thumbnails log_board_versions log_boards log_break log_chat_bans log_chat_invites log_chat_members
        log_chat_notifications log_chats log_check_epoch log_cluster log_complete log_continues log_cursor log_defer
        log_drafts log_flush log_head log_invites log_lock log_maintain log_make_day log_messages log_move_epoch
        log_pending_of_membership log_pins log_presence_modes log_reactions log_read_markers log_redact
        log_redact_below log_redact_draft log_redact_snapshots log_reports log_sessions log_thread_followers
        log_thread_read_markers log_threads log_today log_users log_workspace_invitations log_workspace_members
        log_workspaces make_workspace_invitation may_join may_post mention_anew mention_late message_edit_json
        message_json most_devices most_invitations most_mentions most_unread_mentions move_board_storage name_user
        named_users newest_chat_bans_json newest_chat_invites_json newest_invites_json next_board_opening
        note_declined open_reports open_session own_report_json pair_chat pass_on_boards_of_leaver
        pass_on_chats_of_leaver pin_json pinned_message_json place_board_version place_message place_pin
        post_messages post_refused presence_json presence_members qualify_reaction quarantine_board_updates
        raise_first_seq rate_limit_charge rate_limit_lease rate_limit_open rate_limit_refund reaction_emoji
        reaction_json reaction_users recount_storage redeem_ticket refuse_archived refuse_audit_change refuse_banned
        refuse_deleted refuse_deleted_board refuse_forward_change refuse_invisible refuse_key_change
        refuse_old_snapshot refuse_reserved_username refuse_resurrection refuse_silenced refuse_storage
        refuse_stranger refuse_truncate rehash_password release_board release_board_update remember_device
        remove_banned report_event_json report_idle report_json report_streams require_consent require_may_post
        reset_password revoke_sessions_of_inactive revoke_sessions_of_suspended ring_sessions role_audit
        rotate_refresh_token seqs_above set_storage_quotas settle_board_storage settle_presence shrink_thread
        sign_in_buckets snapshot_bytes snapshot_bytes_of_joins snapshot_for_admins snapshot_invitations
        snapshot_members snapshot_messages snapshot_threads storage_add storage_allowed_in_workspace
        storage_allowed_to_user storage_charge_boards storage_in_the_way storage_json storage_lock
        storage_of_new_board storage_of_user storage_of_workspace storage_step strip_message sync_json
        tell_board_members tell_board_presence tell_board_thumbnails tell_board_versions tell_chat_members
        tell_invites tell_presence tell_typing tell_users tell_workspace_members thread_activity thread_unread
        thread_with_message_json tombstone touch_read_at touch_updated_at typing_members uncount_reply unlike unread
        unread_mentions user_json username_is_reserved without_code_blocks without_code_spans workspace_audit
        workspace_invitation_json workspace_json workspace_member_json', E' \n'), '\s+');
    of_ops CONSTANT text[] := regexp_split_to_array(btrim('
        allow_user allow_workspace audit blocked board_edits boards chat_events chat_members chats check_board
        check_chat deactivate delete_quarantined drop_stream drop_streams find_user help listeners log log_days
        log_lock move_epoch name_user nodes online post_message presence prune_audit quarantine recount_storage
        reinstate release_update remake_snapshot reset_password sessions sign_out storage storage_of_users suspend
        user_events', E' \n'), '\s+');
    triggers CONSTANT text[] := regexp_split_to_array(btrim('
        append_only audit audit_added audit_buried audit_deleted audit_edited audit_removed audit_retention
        audit_role audit_silence audit_state audit_update bury consent count count_added count_removed count_storage
        declined defer_log edit expire fill final_forward final_key final_tombstone flush handle has_owner
        invitations invitations_role keep keep_all keep_silence keeps_owner_demote keeps_owner_leave lock_demote
        lock_leave lock_role log log_change log_changed log_content log_deleted log_notifications log_presence_mode
        log_read log_revoked log_role log_thread log_update make mention mentioned mentioned_anew move_storage name
        no_truncate pair pass_on_boards pass_on_chats place plain_name qualify raise release_storage remove
        reserved_name reserved_rename ring_deleted ring_ended sign_out single_chat single_chats strip suspend
        take_back touch touch_read uncount uncount_removed unpin', E' \n'), '\s+');
    types CONSTANT text[] := '{message_shape,chat_member_shape,board_member_shape,chat_shared}';
    ours record;
BEGIN
    FOR ours IN
        SELECT type, identity, concat_ws(E'\n', description, 'sql/adopt.sql') AS comment
        FROM (SELECT 'pg_proc'::regclass AS class, oid FROM pg_proc
              WHERE pg_has_role(proowner, 'USAGE')
                AND (pronamespace = 'public'::regnamespace AND proname = ANY (functions)
                     OR pronamespace = to_regnamespace('ops') AND proname = ANY (of_ops))
              UNION ALL
              SELECT 'pg_trigger'::regclass, pg_trigger.oid FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
              WHERE NOT tgisinternal AND tgparentid = 0 AND regexp_replace(tgname, '^p\d\d_', '') = ANY (triggers)
                AND pronamespace = 'public'::regnamespace AND proname = ANY (functions)
              UNION ALL
              SELECT 'pg_class'::regclass, oid FROM pg_class
              WHERE relkind = 'v' AND relnamespace = to_regnamespace('ops') AND relname = ANY (of_ops)
              UNION ALL
              SELECT 'pg_type'::regclass, reltype FROM pg_class
              WHERE relkind = 'c' AND relnamespace = 'public'::regnamespace AND relname = ANY (types)) found
        CROSS JOIN LATERAL pg_identify_object(class, oid, 0)
        LEFT JOIN pg_description ON classoid = class AND objoid = oid AND objsubid = 0
    LOOP
        EXECUTE format('COMMENT ON %s %s IS %L', ours.type, ours.identity, ours.comment);
    END LOOP;
END
$$;
