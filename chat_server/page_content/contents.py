"""What a page contains at a version: from its snapshot, and the patches after or before it. Reading writes nothing."""

from dataclasses import dataclass
from typing import Any, Final

import msgspec
from asyncpg import Record

from chat_core.database.pool import Connection, Pool
from chat_core.database.queries import query
from chat_core.documents.patches.effects import Effect
from chat_core.documents.patches.history import StoredPatch, Unreachable, fold, settle
from chat_core.documents.patches.limits import Limits
from chat_core.documents.patches.schema import problem
from chat_core.documents.patches.values import TooDeep, taken
from chat_core.problems import FieldError, Problem, from_constraint
from chat_server.http.bodies import invalid

PAGE_FLOOR = query("page_floor", "page")
PAGE_LOAD = query("page_load", "page")
PAGE_OPS_BETWEEN = query("page_ops_between", "page", "after", "upto")
# Patches on the way back to an earlier version, each of which may be large; other requests have their turn in between.
READ_AT_ONCE: Final = 100


@dataclass(slots=True)
class Content:
    """A page's content at a version."""

    version: int
    schema: str
    document: Any

    def text(self) -> str:
        return msgspec.json.encode(self.document).decode()


@dataclass(frozen=True, slots=True)
class Made:
    """A patch as every server sees it: `patch` is empty if it came from psql and cannot be applied. `is_new`: its
    inverse and effects were unknown until now."""

    version: int
    op_id: str
    user_id: int | None
    client_id: str | None
    patch: list[Any]
    inverse: list[Any]
    effects: list[Effect]
    is_new: bool


@dataclass(slots=True)
class Head(Content):
    """A page at its newest version, `size` bytes long. `tail` are the patches since its snapshot."""

    size: int
    snapshot_version: int
    tail: list[Made]


async def head(connection: Connection | Pool, page_id: int) -> Head:
    """Raises Problem 409 if the page is deleted. The caller has checked that they may see it."""
    row = await _load(connection, page_id)
    document, size, tail = msgspec.json.decode(row["content"]), len(row["content"].encode()), []
    for place, version in enumerate(row["versions"]):
        settled = settle(document, row["patches"][place], row["schema"], size)
        document, size = settled.applied.document, size + settled.applied.growth
        applied = settled.applied
        is_new = row["inverses"][place] is None
        names = row["op_ids"][place], row["users"][place], row["clients"][place]
        tail.append(Made(version, *names, settled.patch, applied.inverse, applied.effects, is_new))
    return Head(row["version"], row["schema"], document, size, row["snapshot_version"], tail)


async def at(connection: Connection | Pool, page_id: int, version: int | None = None) -> Content:
    """At a version, by default the newest. Raises Problem 404 if there is none yet, 410 if its patches have expired,
    409 if the page is deleted. The caller has checked that they may see it."""
    row = await _load(connection, page_id)
    wanted = version or row["version"]
    if wanted > row["version"]:
        raise Problem(404, "not_found", f"The newest version of this page is {row['version']}.")
    reached, schema = row["snapshot_version"], row["schema"]
    document = msgspec.json.decode(row["content"])
    try:
        if wanted >= reached:
            later = [StoredPatch(*each) for each in zip(row["versions"], row["patches"], row["inverses"], strict=True)]
            document, reached = fold(document, reached, later, wanted, schema), wanted
        while wanted < reached:
            after = max(wanted, reached - READ_AT_ONCE)
            rows = await PAGE_OPS_BETWEEN.rows(connection, page=page_id, after=after, upto=reached)
            earlier = [StoredPatch(each["version"], each["patch"], each["inverse"]) for each in rows]
            document, reached = fold(document, reached, earlier, after, schema), after
        return Content(wanted, schema, document)
    except Unreachable:
        floor = await PAGE_FLOOR.value(connection, page=page_id)
        detail = f"The history of this page reaches back to version {floor}."
        raise Problem(410, "version_expired", detail) from None


async def _load(connection: Connection | Pool, page_id: int) -> Record:
    row = await PAGE_LOAD.row(connection, page=page_id)
    if row is None:
        raise from_constraint("page_is_deleted")
    return row


def checked(document: Any, schema: str, limits: Limits) -> str:
    """The content of a new page as JSON. Raises Problem 422 if it is not valid, or too large."""
    try:
        taken(document, limits.depth)
    except TooDeep:
        invalid(FieldError("content", f"at most {limits.depth} levels of objects and arrays"))
    except ValueError as error:
        invalid(FieldError("content", f"JSON that browsers hold: {error}"))
    if why := problem(document, schema):
        invalid(FieldError("content", f"a page: {why}"))
    text = msgspec.json.encode(document)
    if len(text) > limits.result:
        invalid(FieldError("content", f"at most {limits.result} bytes of JSON"))
    return text.decode()
