"""Boards: rooms of people who edit one Yjs document, its updates, snapshots and awareness.

The event loop handles only bytes; work that needs a document runs in a separate process (chat_core.documents). An
update is relayed immediately, stored in a group commit, and acknowledged once it is durable.
"""
