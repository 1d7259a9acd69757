"""An event of the log: a row of `events`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol, Self

import asyncpg
import msgspec

from chat_core.log.cursor import Cursor

# After one of these, others are notified of the presence of its user_id.
TELLS_PRESENCE = frozenset({"PresenceModeChanged", "WorkspaceMemberJoined"})


class Effect(Protocol):
    """What an event does to access at its position, and to which places."""

    @property
    def position(self) -> int: ...
    @property
    def effect(self) -> str | None: ...
    @property
    def chat_id(self) -> int | None: ...
    @property
    def document_id(self) -> int | None: ...
    @property
    def workspace_ids(self) -> Sequence[int] | None: ...


class EffectRow(NamedTuple):
    """An Effect without its event: a row of `stream_effects`."""

    position: int
    effect: str
    chat_id: int | None
    document_id: int | None
    workspace_ids: Sequence[int] | None


@dataclass(slots=True, eq=False)
class Event:
    """One row of `events`, of one epoch. `payload` is JSON without line breaks, as the trigger built it, until it is
    redacted.

    `message_id` is set if the payload carries the content of a message, and `session_id` only on a SessionRevoked: the
    session that ended. `effect` is what the event does to the access of `user_id`: grant, grant_admin, promote, demote
    or revoke (migration 0072).
    """

    epoch: str
    position: int
    kind: str
    audience: str
    chat_id: int | None
    document_id: int | None
    user_id: int | None
    workspace_ids: Sequence[int] | None
    message_id: int | None
    effect: str | None
    payload: bytes
    created_at: datetime
    session_id: int | None = None

    @classmethod
    def of(cls, row: asyncpg.Record, epoch: str) -> Self:
        """From a row whose last columns are the event's."""
        return cls.made(epoch, *row[-11:-2], row["payload"].encode(), row["created_at"])

    @classmethod
    def made(cls, epoch: str, *columns: Any) -> Self:
        """From its columns, with the payload as the database has it."""
        event = cls(epoch, *columns)
        # JSON has line breaks only between tokens, so no transport has to escape them.
        event.payload = event.payload.replace(b"\r", b" ").replace(b"\n", b" ")
        if event.kind == "SessionRevoked":
            event.session_id = int(msgspec.json.decode(event.payload)["session_id"])
        return event

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.epoch, self.position)

    @property
    def role(self) -> str:
        """The role in a BoardMemberUpdated."""
        return str(msgspec.json.decode(self.payload)["role"])

    @property
    def makes_invisible(self) -> bool:
        """Of a PresenceModeChanged: whether its user is now invisible."""
        return bool(msgspec.json.decode(self.payload)["presence_mode"] == "invisible")
