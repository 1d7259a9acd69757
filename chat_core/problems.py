"""One error contract: `application/problem+json` (RFC 9457) with a stable `code`, whatever went wrong and wherever.

    {"type": "about:blank", "title": "Conflict", "status": 409, "code": "chat_keeps_owner", "detail": "…",
     "errors": [{"path": "name", "expected": "a string of 1 to 80 characters"}]}

Rules that the database enforces reach the client from here too, by the name of the constraint.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

import asyncpg
import msgspec

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 2


@dataclass(frozen=True, slots=True)
class FieldError:
    """`path` is where the bad value is (`members[2]`, `query.limit`), `expected` what would have been good."""

    path: str
    expected: str


@dataclass(eq=False)
class Problem(Exception):
    """An answer that is an error. `code` never changes; `detail` is for people."""

    status: int
    code: str
    detail: str
    errors: Sequence[FieldError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, object] = field(default_factory=dict)  # members that only this code has

    def body(self) -> bytes:
        content: dict[str, object] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            **self.extra,
        }
        if self.errors:
            content["errors"] = self.errors
        return msgspec.json.encode(content)


# Constraint → status and what to tell the client. Its name is the problem's code.
_CONSTRAINTS: dict[str, tuple[int, str]] = {
    "users_email_key": (409, "This e-mail address is already in use."),
    "users_username_key": (409, "This user name is already in use."),
    "users_username_reserved": (422, "This user name is reserved: mentions of it mean everybody."),
    "chats_single_pair_key": (409, "These two already have a Single chat in this workspace."),
    "chats_public_name_key": (409, "This workspace has a public channel of this name already."),
    "chat_members_pkey": (409, "This user is already a member of the chat."),
    "workspace_members_pkey": (409, "This user is already a member of the workspace."),
    "chat_members_in_workspace": (409, "Members of a chat have to be members of its workspace."),
    "chat_keeps_owner": (
        409,
        "A chat keeps at least one owner: make another member owner first, or delete the chat.",
    ),
    "board_members_pkey": (409, "This user is already a member of the board."),
    "board_members_in_workspace": (409, "Members of a board have to be members of its workspace."),
    "board_members_amount": (409, "A board has at most 1000 members."),
    "board_keeps_owner": (
        409,
        "A board keeps at least one owner: make another member owner first, or delete the board.",
    ),
    "board_versions_amount": (409, "A board has at most 100 versions: delete another one first."),
    "board_is_deleted": (409, "This board has been deleted: restore it first."),
    "board_thumbnails_media_type_known": (415, "A thumbnail is a PNG, a JPEG or a WebP."),
    "board_thumbnails_size": (413, "A thumbnail has at most 256 KiB."),
    "workspace_keeps_owner": (
        409,
        "A workspace keeps at least one owner: make another member owner first, or delete the workspace.",
    ),
    "single_chat_has_two_members": (409, "A Single chat has exactly two members, who cannot change."),
    "messages_reactions_amount": (409, "A message has at most 20 different reactions."),
    "chat_pins_amount": (409, "A chat has at most 100 pinned messages; unpin another one first."),
    "reporter_is_member": (403, "Only members report messages of a chat."),
    "sender_is_member": (403, "Only members write to a chat."),
    "message_deleted": (409, "This message has been deleted."),
    "forward_is_final": (409, "A forward says what its source said, and is not edited."),
    "chat_is_archived": (409, "This chat is archived: it can be read, and nothing is written to it."),
    "member_is_banned": (403, "This user is banned from the chat."),
    "member_is_silenced": (403, "This member is silenced in the chat."),
}


# What a call to the database may raise; TimeoutError is an OSError.
# InternalClientError is what asyncpg may say of a connection that was cut between two statements.
DATABASE_ERRORS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


def unavailable() -> Problem:
    return Problem(
        503,
        "database_unavailable",
        "The database cannot be reached just now; try again shortly.",
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )


def from_database(error: Exception) -> Problem | None:
    """The problem behind a database error; None for one that is our own fault (a 500)."""
    if isinstance(error, asyncpg.PostgresError):
        constraint = getattr(error, "constraint_name", None)
        if constraint in _CONSTRAINTS:
            status, detail = _CONSTRAINTS[constraint]
            return Problem(status, constraint, detail)
    if isinstance(error, asyncpg.CheckViolationError):
        return Problem(422, "validation_failed", f"A value breaks the rule {error.constraint_name}.")
    if isinstance(error, asyncpg.ForeignKeyViolationError):
        return Problem(404, "not_found", "Something that this refers to does not exist, or was deleted just now.")
    if isinstance(error, asyncpg.DeadlockDetectedError | asyncpg.SerializationError | asyncpg.LockNotAvailableError):
        return Problem(
            503,
            "try_again",
            "Others changed the same thing at once; try again.",
            headers={"Retry-After": "1"},
        )
    gone = (
        OSError,
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,
        asyncpg.PostgresConnectionError,
        asyncpg.OperatorInterventionError,
        asyncpg.TooManyConnectionsError,
        asyncpg.InsufficientResourcesError,
    )
    return unavailable() if isinstance(error, gone) else None
