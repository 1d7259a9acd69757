"""`fechatter doctor --boards`: whether every board, and every version, is a usable document.

It changes nothing, and finds what can be known: of a snapshot whose updates have expired, only whether Yjs rewrites it
identically, and whether later edits wait for something that it lacks.
"""

import time
from collections.abc import AsyncIterator
from typing import Final

from chat_core.database.pool import Connection
from chat_core.documents.process import DocumentFailed, DocumentProcess, Documents
from chat_core.documents.stored import Snapshot, StoredUpdate, board_content
from chat_core.documents.updates import EMPTY
from fechatter.commands.doctor.finding import SQL, Finding
from fechatter.progress import say

# For one board, with all of its versions.
LONGEST_SECONDS: Final = 600.0
SAY_SECONDS: Final = 2.0


async def boards_are_sound(connection: Connection) -> AsyncIterator[Finding]:
    """A finding for each problem, and one with the number of boards checked. Progress goes to stderr."""
    documents = Documents(LONGEST_SECONDS, processes=1)
    boards = [row["id"] for row in await SQL["all_boards"].rows(connection)]
    damaged, said_at = 0, time.monotonic()
    try:
        for looked_at, board_id in enumerate(boards):
            if time.monotonic() - said_at > SAY_SECONDS:
                said_at = time.monotonic()
                say(f"{looked_at} of {len(boards)} boards checked, {damaged} with problems")
            problems = [problem async for problem in _problems(connection, documents, board_id)]
            damaged += bool(problems)
            for problem in problems:
                yield Finding("board", "", f"board {board_id}: {problem}")
    finally:
        await documents.close()
    if not damaged:
        yield Finding("boards", f"{len(boards)} boards and their versions can be read, edited and exported")
    else:
        yield Finding("boards", "", f"{damaged} of {len(boards)} boards have problems, see above")


async def _problems(connection: Connection, documents: Documents, board_id: int) -> AsyncIterator[str]:
    async with documents.turn(board_id) as process:
        snapshot, updates = await board_content(connection, board_id)
        if snapshot is not None and (problem := await _of_snapshot(connection, process, board_id, snapshot)):
            yield problem
        else:
            async for problem in _of_content(process, snapshot.state if snapshot else EMPTY, updates):
                yield problem
        for version in await SQL["versions_of_board"].rows(connection, board=board_id):
            state = await SQL["state_of_version"].value(connection, version=version["id"])
            if reason := await _unreadable(process, state):
                yield f"version {version['id']} cannot be read ({reason}): delete it from document_versions"


async def _of_snapshot(
    connection: Connection, process: DocumentProcess, board_id: int, snapshot: Snapshot
) -> str | None:
    """Compared with the result of its updates, if all of these are kept."""
    state = snapshot.state
    reason = await _unreadable(process, state)
    kept = [row["data"] for row in await SQL["updates_of_snapshot"].rows(connection, board=board_id)]
    if kept:
        try:
            anew = await process.compact(EMPTY, kept)
            if reason is None and await process.same(state, anew.state):
                return None
        except DocumentFailed as error:
            return f"its updates cannot be read ({error}); its snapshot {reason or 'can'}"
        return (
            f"its snapshot does not match its updates: run SELECT ops.remake_snapshot({board_id}); it is rebuilt "
            "when the board is next edited or left"
        )
    if reason is None:
        made = await process.compact(state, [])
        if made.vector == snapshot.vector or snapshot.pending:
            return None
        reason = "its stored state vector does not match its state"
    return (
        f"its snapshot is unusable ({reason}), and its updates have expired: restore a version, ask a user who has a "
        "copy to open the board, or restore it from a backup"
    )


async def _of_content(process: DocumentProcess, state: bytes, updates: list[StoredUpdate]) -> AsyncIterator[str]:
    try:
        made = await process.compact(state, [update.data for update in updates])
    except DocumentFailed as error:
        yield f"updates since its snapshot cannot be read ({error}): one of them is quarantined at the next snapshot"
        return
    for at, why in made.failing.items():
        yield f"Yjs fails on update {updates[at].seq} ({why}), which is quarantined at the next snapshot or export"
    if made.pending:
        yield (
            "some of its edits are not shown, because they depend on missing ones: a user who has these sends them by "
            "opening the board; updates in ops.quarantine can be released"
        )
    if reason := await _unreadable(process, made.state):
        yield f"it cannot be exported or restored ({reason}): someone must delete the content that is nested too deeply"


async def _unreadable(process: DocumentProcess, state: bytes) -> str | None:
    """Why a state is unusable, or None: Yjs must read it, write it identically, and export it."""
    try:
        made = await process.compact(state, [])
        await process.export(state, [])
        return None if await process.same(state, made.state) else "Yjs rewrites it differently"
    except DocumentFailed as error:
        return str(error)
