"""Roles on a document: read when it is opened, and kept current by the log.

A role holds at a position of the log. Events of the user and the board above that position change it. Events that
arrive while it is being read are kept, since the snapshot may be older.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final, Literal

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.log.event import Event
from chat_core.problems import Problem
from chat_core.tokens import Claims

DOCUMENT_OPEN = query("document_open", "kind", "user_id", "session_id", "document_id")
VIEWER: Final = "viewer"
# Events that end a role, and the reason for it.
ENDS = {
    "UserLeftBoard": "removed",
    "BoardDeleted": "board_deleted",
    "UserLeftPage": "removed",
    "PageDeleted": "page_deleted",
}
KINDS = frozenset({"BoardMemberUpdated", "PageMemberUpdated", *ENDS})
# The kinds of documents that can be opened; a document's id is no other document's, of whatever kind.
Kind = Literal["board", "page"]


class Refused(Exception):
    """The document cannot be opened: `reason` is that of docs/boards/close-codes.md."""

    def __init__(self, reason: str, problem: Problem) -> None:
        super().__init__(reason)
        self.reason, self.problem = reason, problem


@dataclass(frozen=True, slots=True)
class Role:
    """`position`: that of the log at which it was read. `fullname` is the user's. `opening`: each opening of a
    document has a higher number than all before it, on every server. `reads_only`: a personal access token without
    `boards:write` or `pages:write` is a viewer, whatever its user is."""

    name: str
    position: int
    fullname: str
    opening: int
    reads_only: bool = False


class Access:
    """One per server; `follow` gets every event of the log."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._watching: list[list[Event]] = []

    def reset(self) -> None:
        """Another history has begun, which the rooms see to: nothing is kept here for longer than it takes to read."""

    def go_on(self) -> None:
        """The history goes on in another epoch: roles stand."""

    def follow(self, events: Iterable[Event]) -> None:
        for seen in self._watching:
            seen += [event for event in events if event.kind in KINDS or event.kind == "SessionRevoked"]

    @contextmanager
    def watching(self) -> Iterator[list[Event]]:
        """From before a role is read until its user has a place, where `follow` reaches it: the events meanwhile."""
        seen: list[Event] = []
        self._watching.append(seen)
        try:
            yield seen
        finally:
            self._watching[:] = [other for other in self._watching if other is not seen]

    async def read(self, kind: Kind, claims: Claims, document_id: int) -> Role:
        """Raises Refused if there is none; database errors pass through."""
        row = await DOCUMENT_OPEN.one(
            self._pool, kind=kind, user_id=claims.user_id, session_id=claims.session_id, document_id=document_id
        )
        if row["good_until"] is None:
            raise _SESSION_ENDED
        if row["role"] is None:
            raise no_such(kind)
        reads_only = claims.scopes is not None and f"{kind}s:write" not in claims.scopes
        name = VIEWER if reads_only else row["role"]
        return Role(name, row["head"], row["fullname"], row["opening"], reads_only)


def moved_on(role: Role, kind: Kind, claims: Claims, document_id: int, seen: Iterable[Event]) -> Role:
    """The role after later events. Raises Refused if there is none any more."""
    for event in seen:
        if event.session_id == claims.session_id:
            raise _SESSION_ENDED
        if event.document_id == document_id and event.user_id == claims.user_id and event.position > role.position:
            if event.kind in ENDS:
                raise no_such(kind)
            role = replace(role, name=VIEWER if role.reads_only else event.role, position=event.position)
    return role


def no_such(kind: Kind) -> Refused:
    return Refused(f"no_such_{kind}", Problem(404, "not_found", f"There is no such {kind}, or you may not see it."))


_SESSION_ENDED = Refused("session_revoked", Problem(401, "unauthorized", "The session has ended."))
