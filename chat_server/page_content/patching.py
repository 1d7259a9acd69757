"""Storing a patch that came over REST: the same rules, rows and limits as for one from a socket.

A patch is applied to the newest content and appended if that is still the newest; else it is tried again on what came
meanwhile. No lock is held while Python works, so a server that stops in between holds up nobody.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import msgspec
from asyncpg import Record

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.documents.patches.admission import Missed, Op, VersionConflict, admit
from chat_core.documents.patches.canonical import digest, digest_if_any
from chat_core.documents.patches.effects import decoded
from chat_core.documents.patches.limits import Limits
from chat_core.documents.patches.pointers import tokens
from chat_core.documents.patches.refusals import Invalid, PatchFailed, TooLarge
from chat_core.problems import QUOTA_EXCEEDED, FieldError, Problem, from_constraint
from chat_server.http import etags
from chat_server.http.api_request import ApiRequest
from chat_server.page_content.contents import Head, Made, head
from chat_server.page_content.snapshots import keep_snapshot

PAGE_APPEND = query(
    "page_append",
    *("node", "pages", "versions", "users", "clients", "op_ids", "digests"),
    *("bases", "patches", "inverses", "effects", "patience_ms"),
)
PAGE_OPS_BY_ID = query("page_ops_by_id", "page", "op_ids")
PAGE_OPS_MISSED = query("page_ops_missed", "page", "after", "upto", "most_bytes")
PAGE_REFUSE = query("page_refuse", "pages", "op_ids", "digests", "users", "codes", "hangs_on")

# The origin of patches that no notify_server has, so that all of them relay these.
ORIGIN: Final = "chat_server"
LARGEST_PATCH: Final = 1_048_576
# Others may be quicker this often. They are few at a time: see parts/changes.py.
MOST_TRIES: Final = 20
PATIENCE_MS: Final = 2500
# Refusals of a patch for what it is, rather than of a request, and their codes on sockets.
FINAL: Final = {
    "version_conflict": "VERSION_CONFLICT",
    "patch_failed": "PATCH_FAILED",
    "page_invalid": "PATCH_FAILED",
    "too_large": "TOO_LARGE",
    QUOTA_EXCEEDED: "QUOTA_EXCEEDED",
}
# What a refusal tells of missed patches; beyond that it is quicker to read the page again.
MOST_TOLD, MOST_TOLD_BYTES = 1000, 1_048_576
# What is read of them: a patch that is older than that is too old.
MOST_MISSED_BYTES: Final = 4_194_304


@dataclass(frozen=True, slots=True)
class Asked:
    """A patch, the version that it was made for, and the versions that it may be applied to (If-Match); None: any.
    Without an `op_id` it gets one."""

    op_id: str | None
    patch: list[Any]
    base: int | None
    if_match: str | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    op_id: str
    version: int


def parsed(body: bytes, limits: Limits) -> list[Any]:
    """A patch document. Raises Problem 400 unless it is one by RFC 6902, whether or not it can be applied."""
    try:
        patch = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Problem(400, "malformed_json", "The body is not JSON.") from None
    if not isinstance(patch, list):
        raise _malformed("body", "an array of operations")
    for place, operation in enumerate(patch[: limits.operations]):
        _require_operation(f"[{place}]", operation)
    return patch


def _require_operation(path: str, operation: Any) -> None:
    kind = operation.get("op") if isinstance(operation, dict) else None
    if kind not in ("add", "remove", "replace", "move", "copy", "test"):
        raise _malformed(f"{path}.op", "one of add, remove, replace, move, copy, test")
    for name in ("path", "from") if kind in ("move", "copy") else ("path",):
        try:
            tokens(operation[name])
        except (KeyError, TypeError, AttributeError):
            raise _malformed(f"{path}.{name}", "a JSON Pointer") from None
        except ValueError as error:
            raise _malformed(f"{path}.{name}", f"a JSON Pointer: {error}") from None
    if kind in ("add", "replace", "test") and "value" not in operation:
        raise _malformed(f"{path}.value", "a value: this member is required")


def _malformed(path: str, expected: str) -> Problem:
    wrong = FieldError(path, expected)
    return Problem(400, "malformed_patch", f"{path}: expected {expected}.", [wrong])


async def patched(request: ApiRequest, page_id: int, asked: Asked) -> Stored:
    """Stores a patch once, or refuses it for ever if it has an id. Raises Problem. The caller has checked that they may
    edit the page."""
    op_id = asked.op_id or uuid.uuid4().hex
    async with request.change() as connection:
        if asked.op_id is not None and (known := await _known(connection, page_id, op_id, asked.patch)):
            return known
        try:
            return await _stored(request, connection, page_id, asked, op_id)
        except Problem as refusal:
            if asked.op_id is None:
                raise
            if refusal.code not in FINAL or refusal.status == 412:
                if known := await _known(connection, page_id, op_id, asked.patch):  # its twin has just been stored
                    return known
                raise
            code = FINAL[refusal.code]
            row = await _refuse(connection, page_id, op_id, asked.patch, request.caller.user_id, code)
            if row["outcome"] == "known":
                return Stored(op_id, row["version"])
            if row["outcome"] == "reused":
                raise reused() from None
            if row["outcome"] == "busy":
                raise too_many_editors() from None
            raise


async def _stored(request: ApiRequest, connection: Connection, page_id: int, asked: Asked, op_id: str) -> Stored:
    for _ in range(MOST_TRIES):
        page = await head(connection, page_id)
        op = await _admitted(connection, page_id, page, asked, limits_of(request))
        outcome, version = await append(connection, page_id, op, op_id, request.caller.user_id)
        if outcome == "stored":
            page.document, page.version = op.applied.document, version
            await keep_snapshot(connection, page_id, page, request.parts.settings.pages)
        if outcome in ("stored", "known"):
            return Stored(op_id, version)
        if outcome == "refused":
            row = await _refuse(connection, page_id, op_id, asked.patch, request.caller.user_id, "PATCH_FAILED")
            detail = f"This patch was refused before ({row['code']}); send it again under a new id."
            raise Problem(409, "patch_refused", detail)
    raise too_many_editors()


async def _refuse(
    connection: Connection, page_id: int, op_id: str, patch: list[Any], user_id: int, code: str
) -> Record:
    """Makes it durable that no server ever stores this patch; what has become of it."""
    return await PAGE_REFUSE.one(
        connection,
        pages=[page_id],
        op_ids=[op_id],
        digests=[digest_if_any(patch)],
        users=[user_id],
        codes=[code],
        hangs_on=[None],
    )


def limits_of(request: ApiRequest) -> Limits:
    return Limits.of(request.parts.settings.pages)


async def append(connection: Connection, page_id: int, op: Op, op_id: str, user_id: int) -> tuple[str, int]:
    """Makes an admitted patch durable: "stored" or "known" as a version, "behind" the newest one, or "refused" before.
    Raises Problem if there is no page or no room, or the id was used for another patch."""
    row = await PAGE_APPEND.one(
        connection,
        node=ORIGIN,
        pages=[page_id],
        versions=[op.version],
        users=[user_id],
        clients=[None],
        op_ids=[op_id],
        digests=[op.digest],
        bases=[op.base],
        patches=[op.patch],
        inverses=[op.inverse],
        effects=[op.effects],
        patience_ms=PATIENCE_MS,
    )
    match row["outcome"]:
        case "reused":
            raise reused()
        case "gone":
            raise from_constraint("page_is_deleted")
        case "full":
            raise Problem(409, QUOTA_EXCEEDED, "A storage quota is used up, and this needs more.")
    return row["outcome"], row["version"]


async def _known(connection: Connection, page_id: int, op_id: str, patch: list[Any]) -> Stored | None:
    """What this operation has become, if it was stored before. Raises Problem 422 for another patch of the same id."""
    rows = await PAGE_OPS_BY_ID.rows(connection, page=page_id, op_ids=[op_id])
    if not rows:
        return None
    if rows[0]["digest"] != digest(patch):
        raise reused()
    return Stored(op_id, rows[0]["version"])


async def _admitted(connection: Connection, page_id: int, page: Head, asked: Asked, limits: Limits) -> Op:
    """The patch, applied to the page. Raises Problem."""
    if not etags.allows(asked.if_match, f'"{page.version}"'):
        raise Problem(
            412,
            "version_conflict",
            f"The page has moved on: its newest version is {page.version}.",
            headers={"ETag": f'"{page.version}"'},
            extra={"version": page.version},
        )
    base = page.version if asked.base is None else asked.base
    missed = await _missed(connection, page_id, page, base)
    try:
        return admit(
            page.document, page.version, asked.patch, base, missed, size=page.size, schema=page.schema, limits=limits
        )
    except VersionConflict:
        _refuse_stale(page, missed)
    except PatchFailed as failed:
        extra = {"version": page.version, "index": failed.index}
        raise Problem(409, "patch_failed", f"Operation {failed.index}: {failed.reason}.", extra=extra) from None
    except TooLarge as error:
        raise Problem(
            413, "too_large", f"A page or patch of {error}.", extra={"limit": error.limit, "most": error.most}
        ) from None
    except Invalid as error:
        raise Problem(422, "page_invalid", f"The page would not be valid: {error}.") from None


async def _missed(connection: Connection, page_id: int, page: Head, base: int) -> list[Missed]:
    """The patches after a version. Raises Problem 409 if they are not all kept, or the version is not there yet."""
    if base > page.version:
        _refuse_stale(page, None)
    missed = [Missed(made.version, made.effects, _told(made)) for made in page.tail if made.version > base]
    if base < page.snapshot_version:
        between = {"after": base, "upto": page.snapshot_version, "most_bytes": MOST_MISSED_BYTES}
        rows = await PAGE_OPS_MISSED.rows(connection, page=page_id, **between)
        if len(rows) < page.snapshot_version - base or any(row["effects"] is None for row in rows):
            _refuse_stale(page, None)
        earlier = [Missed(row["version"], decoded(row["effects"]), _told_of_row(row)) for row in rows]
        missed = [*earlier, *missed]
    return missed


def _told(made: Made) -> dict[str, Any]:
    """As sockets send it (docs/pages/protocol.md)."""
    who = {"user_id": made.user_id, "client_id": made.client_id}
    return {"id": made.op_id, "version": made.version, **who, "patches": made.patch}


def _told_of_row(row: Record) -> dict[str, Any]:
    who = {"user_id": row["user_id"], "client_id": row["client_id"]}
    return {"id": row["op_id"], "version": row["version"], **who, "patches": msgspec.Raw(row["patch"].encode())}


def _refuse_stale(page: Head, missed: Sequence[Missed] | None) -> NoReturn:
    """Tells of what was missed; null if that is too much, or no longer kept."""
    told = None if missed is None or len(missed) > MOST_TOLD else [each.row for each in missed]
    if told is not None and len(msgspec.json.encode(told)) > MOST_TOLD_BYTES:
        told = None
    raise Problem(
        409,
        "version_conflict",
        "The page has changed where the patch reads or writes."
        if told
        else "The patch was made for a version that is too old, or not there: read the page again.",
        headers={"ETag": f'"{page.version}"'},
        extra={"version": page.version, "operations": told},
    )


def too_many_editors() -> Problem:
    return Problem(503, "try_again", "Others edit this page at the same time; try again.", headers={"Retry-After": "1"})


def reused() -> Problem:
    return Problem(422, "operation_id_reused", "This id was used for another patch of the page; use a new one.")
