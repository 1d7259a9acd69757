"""An event of the log, its cursor, and the bytes that every receiver of it shares."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, NamedTuple, Protocol, Self, TypeVar

import asyncpg
import msgspec

# After one of these, others are to be told of the presence of its user_id.
TELLS_PRESENCE = frozenset({"PresenceModeChanged", "WorkspaceMemberJoined"})

_DATA = b"\ndata: "

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Cursor:
    """`epoch.position`: everything up to this position has been seen. It is the `id` of every frame."""

    epoch: str
    position: int

    def __str__(self) -> str:
        return f"{self.epoch}.{self.position}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """ValueError unless it has the form that __str__ gives, with white space around it or not."""
        epoch, dot, position = text.strip(" \t").partition(".")
        if not (dot and epoch.isascii() and epoch.isalnum() and position.isascii() and position.isdecimal()):
            raise ValueError(text)
        if len(epoch) > 32 or len(position) > 19:
            raise ValueError(text)
        return cls(epoch, int(position))


class Effect(Protocol):
    """What an event does to access at its position, and to which places."""

    @property
    def position(self) -> int: ...
    @property
    def effect(self) -> str | None: ...
    @property
    def chat_id(self) -> int | None: ...
    @property
    def board_id(self) -> int | None: ...
    @property
    def workspace_ids(self) -> Sequence[int] | None: ...


class EffectRow(NamedTuple):
    """An Effect without its event: a row of `stream_effects`."""

    position: int
    effect: str
    chat_id: int | None
    board_id: int | None
    workspace_ids: Sequence[int] | None


@dataclass(slots=True, eq=False)
class Event:
    """One row of `events`. `frame` is its SSE frame; the JSON in it is as the trigger made it, until it is redacted.

    `message_id` is there where the payload carries the content of a message, `session_id` on a SessionRevoked alone:
    the session that it is about. `effect` is what the event does to the access of `user_id`: see audience.py.
    """

    position: int
    kind: str
    audience: str
    chat_id: int | None
    board_id: int | None
    user_id: int | None
    workspace_ids: Sequence[int] | None
    message_id: int | None
    created_at: datetime
    frame: bytes
    session_id: int | None
    effect: str | None = None

    @classmethod
    def of(cls, row: asyncpg.Record, epoch: str) -> Self:
        """From a row whose last columns are the event's."""
        position, kind, audience, chat_id, board_id, user_id, workspace_ids, message_id, effect, payload, created_at = (
            row[-11:]
        )
        session_id = int(msgspec.json.decode(payload)["session_id"]) if kind == "SessionRevoked" else None
        content = frame(Cursor(epoch, position), kind, payload)
        return cls(
            position,
            kind,
            audience,
            chat_id,
            board_id,
            user_id,
            workspace_ids,
            message_id,
            created_at,
            content,
            session_id,
            effect,
        )

    @property
    def payload(self) -> bytes:
        return self.frame.partition(_DATA)[2].rstrip(b"\n")

    @property
    def role(self) -> str:
        """The one that a BoardMemberUpdated tells of."""
        return str(msgspec.json.decode(self.payload)["role"])

    @property
    def makes_invisible(self) -> bool:
        """Of a PresenceModeChanged: whether its user is invisible from here on."""
        return bool(msgspec.json.decode(self.payload)["presence_mode"] == "invisible")

    def redact(self, payload: bytes) -> None:
        """Whoever gets it from now on gets another payload."""
        self.frame = self.frame.partition(_DATA)[0] + _DATA + payload + b"\n\n"


@dataclass(frozen=True, slots=True)
class Places(Generic[Value]):
    """What is known of each place where people are together, by its id."""

    chats: dict[int, Value]
    boards: dict[int, Value]
    workspaces: dict[int, Value]

    def __iter__(self) -> Iterator[dict[int, Value]]:
        return iter((self.chats, self.boards, self.workspaces))

    def of(self, event: Effect) -> Iterator[tuple[dict[int, Value], int]]:
        """The places that an event is about: the dictionary of each, and its id there."""
        if event.chat_id is not None:
            yield self.chats, event.chat_id
        if event.board_id is not None:
            yield self.boards, event.board_id
        for workspace in event.workspace_ids or ():
            yield self.workspaces, workspace


def frame(cursor: Cursor, kind: str, payload: str, *, retry_milliseconds: int | None = None) -> bytes:
    """One SSE event (WHATWG HTML, 9.2). A payload's line breaks can only be between JSON tokens: they go."""
    retry = f"retry: {retry_milliseconds}\n" if retry_milliseconds is not None else ""
    data = payload.replace("\r", " ").replace("\n", " ")
    return f"{retry}id: {cursor}\nevent: {kind}\ndata: {data}\n\n".encode()
