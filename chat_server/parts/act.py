"""A change in a chat that is made together with others in one transaction, and what came of it."""

from typing import Any, Literal

import msgspec

Kind = Literal[
    "add_reaction",
    "remove_reaction",
    "move_read_marker",
    "move_read_marker_back",
    "edit_message",
    "delete_message",
    "pin_message",
    "unpin_message",
    "join_chat",
    "leave_chat",
]
UNLOCKED: frozenset[Kind] = frozenset(("move_read_marker", "move_read_marker_back"))


class Apart(Exception):
    """An act is left to a transaction of its own, since it may take long, or meets those that do."""


class Act(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """What `user_id` does in a chat, as perform_act() in SQL does it; `delegate_id` does it for them, if it is set.
    `arguments` is JSON. The audit log learns of the `address`."""

    kind: Kind
    chat_id: int
    message_id: int | None
    user_id: int
    delegate_id: int | None
    address: str
    arguments: str

    @property
    def locks_chat(self) -> bool:
        """Whether it locks its chat also where it is alone."""
        return self.kind not in UNLOCKED

    @property
    def takes_access(self) -> bool:
        """Whether its user may do less in the chat afterwards."""
        return self.kind == "leave_chat"


class Done(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """`result` is that of perform_act(): JSON, or None if there was nothing to change."""

    result: str | None


class Found(msgspec.Struct, frozen=True):
    """What an act depends on, read under the locks of its transaction. `chat` has the columns of the query chat_access,
    None if there is no such chat. `sender_id` and `is_deleted` are those of the act's message, if there is one."""

    chat: dict[str, Any] | None
    sender_id: int | None
    is_deleted: bool
