"""Named versions of boards: viewing, comparing and restoring earlier content."""

from typing import Annotated

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.params import JSONBody, QueryParameter

from chat_core.database.pool import Connection, Pool
from chat_core.database.queries import query
from chat_core.documents.process import DocumentProcess
from chat_core.documents.updates import EMPTY
from chat_core.problems import QUOTA_EXCEEDED, Problem
from chat_server.access import places
from chat_server.http import scopes
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import LARGEST_ID, DocumentName, PathId
from chat_server.http.paging import DEFAULT_LIMIT, AfterId, Limit
from chat_server.http.steps.acting_for import delegable
from chat_server.http.steps.idempotency import IdempotencyKey, once, retried
from chat_server.http.verbatim import verbatim
from chat_server.parts.board_documents import Stored, load, present, quarantine
from chat_server.responses.boards import BoardComparison, BoardVersion, RestoredVersion
from chat_server.routes.documents import document_versions
from chat_server.routes.documents.document_versions import ACTION, kept

BOARD_APPEND = query("board_append", "node", "boards", "users", "updates", "patience_ms", "skipping")
BOARD_EDITS = query("board_edits", "board", "after", "upto")
BOARD_RESTORED_SINCE = query("board_restored_since", "board", "seq", "origin")
DOCUMENT_VERSION_BEFORE = query("document_version_before", "kind", "document", "user", "name", "seq", "state")

# The origin of updates that no notify_server has, so that all of them relay these.
ORIGIN = "chat_server"
LARGEST_PATCH = 1_048_576
VERSIONS = {"limit": "versions"}
# Instead of a seq, if a storage quota is used up.
NO_ROOM = -1

With = Annotated[
    int | None,
    QueryParameter(
        name="with", ge=1, le=LARGEST_ID, description="Another version; by default, the current content of the board."
    ),
]


class NewBoardVersion(msgspec.Struct, forbid_unknown_fields=True):
    name: DocumentName


class BoardVersionChange(msgspec.Struct, forbid_unknown_fields=True):
    """Missing fields stay as they are."""

    name: DocumentName | None = None


@get("/boards/{board_id:int}/versions", opt=delegable("document.see"))
async def list_board_versions(
    request: ApiRequest, board_id: PathId, limit: Limit = DEFAULT_LIMIT, after_id: AfterId = 0
) -> Response[list[BoardVersion]]:
    """The versions of a board, by id; at most a hundred."""
    return await document_versions.listed(request, places.board, board_id, limit, after_id)


@post("/boards/{board_id:int}/versions", opt=VERSIONS, responses=retried(BoardVersion))
async def create_board_version(
    request: ApiRequest, board_id: PathId, data: JSONBody[NewBoardVersion], idempotency_key: IdempotencyKey = None
) -> Response[BoardVersion]:
    """Save the board's current content as a named version."""
    await places.board(request.pool, request.caller, board_id, ACTION)
    async with request.parts.board_documents.turn(request.caller.user_id) as documents:
        now = await present(documents, request.pool, board_id)
    return await document_versions.keep(request, places.board, board_id, data.name, now.seq, now.data, idempotency_key)


@get("/boards/{board_id:int}/versions/{version_id:int}", opt=delegable("document.see"))
async def show_board_version(request: ApiRequest, board_id: PathId, version_id: PathId) -> Response[BoardVersion]:
    """A version, without its content."""
    return await document_versions.show(request, places.board, board_id, version_id)


@patch("/boards/{board_id:int}/versions/{version_id:int}")
async def rename_board_version(
    request: ApiRequest, board_id: PathId, version_id: PathId, data: JSONBody[BoardVersionChange]
) -> Response[BoardVersion]:
    """Change its name."""
    return await document_versions.rename(request, places.board, board_id, version_id, data.name)


@delete("/boards/{board_id:int}/versions/{version_id:int}")
async def delete_board_version(request: ApiRequest, board_id: PathId, version_id: PathId) -> None:
    """Delete a version for good. The board's content is not affected."""
    await document_versions.delete(request, places.board, board_id, version_id)


@get("/boards/{board_id:int}/versions/{version_id:int}/compare", opt={"problems": [409]})
async def compare_board_versions(
    request: ApiRequest, board_id: PathId, version_id: PathId, other: With = None
) -> Response[BoardComparison]:
    """How a version differs from another one, or from the board's current content: who edited, and what changed."""
    await places.board(request.pool, request.caller, board_id, "see the document")
    async with request.parts.board_documents.turn(request.caller.user_id) as documents:
        before = await kept(request.pool, places.board, board_id, version_id)
        after = await _compared_with(request.pool, board_id, other)
        changes, failing = await documents.compare(before.state, after.base, after.updates, LARGEST_PATCH)
    await quarantine(request.pool, board_id, after, failing)
    first, last = sorted((before.seq, after.seq))
    edits = await BOARD_EDITS.one(request.pool, board=board_id, after=first, upto=last)
    answer = {
        "board_id": board_id,
        "before": {"version_id": version_id, "seq": before.seq},
        "after": {"version_id": other, "seq": after.seq},
        "edits": msgspec.Raw(edits["edits"].encode()),
        "edits_complete": edits["complete"],
        "changes": None if changes is None else msgspec.Raw(changes),
    }
    return verbatim(msgspec.json.encode(answer).decode())


@post("/boards/{board_id:int}/versions/{version_id:int}/restore", opt=VERSIONS, responses=retried(RestoredVersion))
async def restore_board_version(
    request: ApiRequest, board_id: PathId, version_id: PathId, idempotency_key: IdempotencyKey = None
) -> Response[RestoredVersion]:
    """Restore a version, by an edit that reaches open boards like any other and merges with concurrent ones. The
    current content becomes a version first, so that the restore can be undone."""
    caller, pool = request.caller, request.pool
    await places.board(pool, caller, board_id, ACTION)

    async def restored(documents: DocumentProcess) -> Response[RestoredVersion]:
        version = await kept(pool, places.board, board_id, version_id)
        now = await present(documents, pool, board_id)
        update = await documents.restore(version.state, now.data)
        if len(now.data) + len(update) > request.parts.settings.boards.document_bytes:
            raise Problem(409, "board_full", "Restored, the board would exceed the maximum size.")

        async def append(connection: Connection) -> Response[RestoredVersion]:
            await places.board.locked(connection, caller, board_id, ACTION)
            if update == EMPTY:
                return _restored(now.seq, None, 200)
            if await BOARD_RESTORED_SINCE.value(connection, board=board_id, seq=now.seq, origin=ORIGIN):
                raise Problem(409, "restored_meanwhile", "Someone else has just restored a version: look at it first.")
            before = await DOCUMENT_VERSION_BEFORE.value(
                connection,
                **places.board.at(board_id),
                user=caller.user_id,
                name=f"Before restoring {version.name}",
                seq=now.seq,
                state=now.data,
            )
            seq = await BOARD_APPEND.value(
                connection,
                node=ORIGIN,
                boards=[board_id],
                users=[caller.user_id],
                updates=[update],
                patience_ms=0,
                skipping=False,
            )
            if seq == NO_ROOM:
                raise Problem(409, QUOTA_EXCEEDED, "A storage quota is used up, and this needs more.")
            return _restored(seq, before, 201)

        return await once(request, idempotency_key, append, places.board.still(caller, board_id, "see the document"))

    # Until it is stored.
    async with request.parts.board_documents.restoring(board_id, caller.user_id) as documents:
        return await restored(documents)


def _restored(seq: int, before: str | None, status: int) -> Response[RestoredVersion]:
    answer = {"seq": seq, "before": None if before is None else msgspec.Raw(before.encode())}
    return verbatim(msgspec.json.encode(answer).decode(), status)


async def _compared_with(pool: Pool, board_id: int, version_id: int | None) -> Stored:
    if version_id is None:
        return await load(pool, board_id)
    version = await kept(pool, places.board, board_id, version_id)
    return Stored(version.seq, version.state, [], [])


SCOPES = scopes.BOARDS
HANDLERS = [
    *(list_board_versions, create_board_version, show_board_version, rename_board_version, delete_board_version),
    *(compare_board_versions, restore_board_version),
]
