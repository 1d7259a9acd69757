"""The one format of errors: `application/problem+json` (RFC 9457) with a stable `code`, whatever went wrong.

    {"type": "about:blank", "title": "Conflict", "status": 409, "code": "chat_keeps_owner", "detail": "…",
     "errors": [{"path": "name", "expected": "a string of 1 to 80 characters"}]}

Rules that the database enforces are mapped too, by the name of the constraint (constraints.py).
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

import asyncpg
import msgspec

from chat_core.constraints import CONSTRAINTS, of_kind

MEDIA_TYPE = "application/problem+json"
# Of statuses that only a protocol defines: https://tus.io/protocols/resumable-upload
_TITLES = {460: "Checksum Mismatch"}


@dataclass(frozen=True, slots=True)
class FieldError:
    """`path` is the location of the invalid value (`members[2]`, `query.limit`), `expected` what would be valid."""

    path: str
    expected: str


@dataclass(eq=False)
class Problem(Exception):
    """A response that is an error. `code` never changes; `detail` is for people."""

    status: int
    code: str
    detail: str
    errors: Sequence[FieldError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, object] = field(default_factory=dict)  # members that only this code has

    def body(self) -> bytes:
        content: dict[str, object] = {
            "type": "about:blank",
            "title": _TITLES.get(self.status) or HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            **self.extra,
        }
        if self.errors:
            content["errors"] = self.errors
        return msgspec.json.encode(content)


def soon(most: int = 3) -> str:
    """A Retry-After for somebody who is refused with many others: whole seconds, not the same for all."""
    return str(random.randint(1, most))


def insufficient_scope(scope: str) -> Problem:
    """A personal access token lacks this scope (RFC 6750, 3.1)."""
    return Problem(
        403,
        "insufficient_scope",
        f"This needs a token with the scope {scope}.",
        headers={"WWW-Authenticate": f'Bearer realm="fechatter", error="insufficient_scope", scope="{scope}"'},
        extra={"scope": scope},
    )


QUOTA_EXCEEDED = "quota_exceeded"

# Exceptions of a call to the database; TimeoutError is an OSError. asyncpg may raise InternalClientError for a
# connection that was cut between two statements.
DATABASE_ERRORS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


@dataclass(frozen=True, slots=True)
class State:
    """What a SQLSTATE says about the database itself, whatever the statement: a 503, to be retried after the given
    time. `hidden`: a probe that only reads does not notice it (see readiness.py)."""

    code: str
    detail: str
    retry_after_seconds: int = 2
    hidden: bool = False


def _unavailable(detail: str, retry_after_seconds: int = 2, *, hidden: bool = False) -> State:
    return State("database_unavailable", detail, retry_after_seconds, hidden)


_UNREACHABLE = _unavailable("The database cannot be reached right now; try again shortly.")
_SLOW = _unavailable("The database did not respond in time; try again shortly.")
# A COMMIT may be waiting for its standby (chat_core/database/connecting.py).
_UNKNOWN = _unavailable(
    "The database did not answer in time, so it is unknown whether this was done: repeat it, under the same "
    "Idempotency-Key if it has one."
)
_CONTENDED = State("try_again", "Others changed the same thing at the same time; try again.", 1)
_LOCKED = State(
    "try_again",
    "Another transaction holds a row lock that this needs; try again. Operators see it in ops.blocked.",
)
_EXHAUSTED = _unavailable("All of this server's connections to the database are in use; try again shortly.")
_READ_ONLY = State(
    "database_read_only", "The database accepts no writes right now: it is a standby, or set to read-only.", 10
)
_FULL = State(
    "database_full", "The database's disk is full: nothing can be stored until an operator frees space.", 30, True
)

# SQLSTATE, or its class (the first two characters) → state; the longer one takes precedence.
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_STATES: dict[str, State] = {
    "08": _UNREACHABLE,
    "25006": _READ_ONLY,
    "28": _unavailable("The database refuses this server's credentials: an operator must check them.", 10, hidden=True),
    "3D000": _unavailable("This server's database does not exist: an operator must check the configuration.", 10),
    "40001": _CONTENDED,
    "40P01": _CONTENDED,
    "53": _unavailable("The database is short of resources; try again shortly.", 5, hidden=True),
    "53100": _FULL,
    "53200": _unavailable("The database is out of memory; try again shortly.", 5, hidden=True),
    "53300": _unavailable("The database accepts no more connections right now; try again shortly.", 5, hidden=True),
    "55P03": _LOCKED,
    "57": _UNREACHABLE,
    "57014": _SLOW,
    "57P01": _unavailable("The database is shutting down; try again shortly."),
    "57P02": _unavailable("The database has crashed and is starting again; try again shortly."),
    "57P03": _unavailable("The database is starting up or shutting down; try again shortly."),
    "58": _unavailable("The database reports a system error: an operator must check its machine.", 10, hidden=True),
}


class PoolExhausted(TimeoutError):
    """No connection of the pool became free in time."""


def database_state(error: BaseException) -> State | None:
    """The state of the database that an error indicates; None if the error concerns the statement."""
    if isinstance(error, asyncpg.PostgresError):
        sqlstate = str(error.sqlstate or "")
        return _STATES.get(sqlstate) or _STATES.get(sqlstate[:2])
    if isinstance(error, PoolExhausted):
        return _EXHAUSTED
    if isinstance(error, TimeoutError):
        return _UNKNOWN
    return _UNREACHABLE if isinstance(error, DATABASE_ERRORS) else None


def unavailable(state: State | None = None) -> Problem:
    state = state or _UNREACHABLE
    return Problem(503, state.code, state.detail, headers={"Retry-After": str(state.retry_after_seconds)})


def row_locked() -> Problem:
    return unavailable(_LOCKED)


def read_only() -> Problem:
    return unavailable(_READ_ONLY)


class _Quota(msgspec.Struct):
    """Postgres' details of an exceeded quota, in bytes; `quota` is its owner."""

    quota: str
    used: int
    allowed: int
    needed: int


def _quota_exceeded(quota: _Quota) -> Problem:
    whose = "workspace" if quota.quota == "workspace" else "account that this would count towards"
    detail = f"The {whose} has {quota.used} of {quota.allowed} bytes stored, and this takes {quota.needed} more."
    return Problem(409, QUOTA_EXCEEDED, detail, extra=msgspec.structs.asdict(quota))


def from_constraint(name: str) -> Problem:
    """The detail for a violated constraint."""
    status, detail = CONSTRAINTS[name]
    return Problem(status, name, detail)


def from_database(error: Exception, kind: str = "document") -> Problem | None:
    """The problem for a database error; None if it is our own fault (a 500). `kind` is the kind of document that was
    asked for."""
    constraint = of_kind(getattr(error, "constraint_name", None) or "", kind)
    if isinstance(error, asyncpg.PostgresError):
        if constraint == QUOTA_EXCEEDED:
            return _quota_exceeded(msgspec.json.decode(error.detail or "", type=_Quota))
        if constraint in CONSTRAINTS:
            return from_constraint(constraint)
    if isinstance(error, asyncpg.CheckViolationError):
        return Problem(422, "validation_failed", f"A value violates the rule {constraint}.")
    if isinstance(error, asyncpg.ForeignKeyViolationError):
        return Problem(404, "not_found", "Something that this request refers to does not exist, or was just deleted.")
    state = database_state(error)
    return unavailable(state) if state else None
