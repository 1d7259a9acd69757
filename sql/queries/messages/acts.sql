-- name: batch_lock(sender_ids, post_chats, keys, kinds, user_ids, chat_ids, message_ids, locking, patience_ms, alone)
-- Locks what posts and acts change until the end of the transaction; a row for each act, in their order.
SELECT * FROM lock_batch(:sender_ids, :post_chats, :keys, :kinds, :user_ids, :chat_ids, :message_ids, :locking, :patience_ms, :alone);

-- name: acts_perform(kinds, user_ids, delegate_ids, addresses, chat_ids, message_ids, arguments, patience_ms)
-- Does each of these acts by itself; a row for each, in their order: its result, or its error.
SELECT * FROM perform_acts(:kinds, :user_ids, :delegate_ids, :addresses, :chat_ids, :message_ids, :arguments, :patience_ms);
