-- Every table that the log follows refuses TRUNCATE.
DO $$
DECLARE
    logged text;
BEGIN
    FOREACH logged IN ARRAY ARRAY['users', 'sessions', 'workspaces', 'workspace_members', 'chats', 'chat_members', 'messages',
                                  'message_reactions', 'message_pins', 'thread_followers', 'drafts', 'reports', 'chat_bans',
                                  'invites', 'boards', 'board_members', 'board_thumbnails', 'board_versions'] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER no_truncate BEFORE TRUNCATE ON %I
                        FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate()', logged);
    END LOOP;
END
$$;
