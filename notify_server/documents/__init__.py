"""Boards on the wire: Yjs documents that people edit together, over one room a board, whatever protocol brings them.

Bytes alone are handled on the event loop: what needs a document is done in a process beside it (chat_core.documents).
An update is relayed at once, stored in a group commit with others', and acknowledged once it is durable. See
docs/boards/.
"""
