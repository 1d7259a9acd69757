-- migrate:up

-- The newest messages of some chats, where what is searched for is frequent.
CREATE INDEX search_documents_chat_idx ON search_documents (chat_id, message_id);

-- migrate:down
DROP INDEX search_documents_chat_idx;
