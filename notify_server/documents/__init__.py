"""Boards' sockets: Yjs documents that people edit together, with one room for each board, whatever protocol its clients
use.

The event loop handles only bytes; work that needs a document runs in a separate process (chat_core.documents). An
update is relayed immediately, stored in a group commit, and acknowledged once it is durable. See docs/boards/.
"""
