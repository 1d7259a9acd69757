"""The move of a workspace from one cell to another, while people write in it.

1. Its messages, and what hangs on them, are copied while everything goes on. Nobody sees them: their chats are not
   there yet.
2. The freeze: edges hold what is written in it, and have been answered what they had sent. Its places' rows are locked.
   What changed since 1. follows, then everything else, and then each member's streams in the new cell are told, as
   after joining (`WorkspaceMemberJoined`, `NewChat`).
3. The directory says that it is there. What edges have held goes on, to the new cell.
4. It is deleted where it was, and that cell's log says as the last of it that it has moved (`WorkspaceMoved`).

Until 3. it is where it was: whatever fails before, people go on there.
"""

import time
from dataclasses import dataclass

from bench.cells import copying
from bench.cells.directory import Directory
from chat_core.database.pool import Connection

REFUSED = """
SELECT CASE WHEN organization_id IS NOT NULL THEN 'it is in an organisation, which has other workspaces'
            WHEN EXISTS (SELECT FROM blobs WHERE workspace_id = $1) THEN 'it has files, whose bytes are in its cell' END
FROM workspaces WHERE id = $1
"""
LOCKED = (
    "SELECT FROM workspaces WHERE id = $1 FOR UPDATE",
    "SELECT FROM workspace_members WHERE workspace_id = $1 ORDER BY user_id FOR UPDATE",
    "SELECT FROM chats WHERE workspace_id = $1 ORDER BY id FOR UPDATE",
    "SELECT FROM documents WHERE workspace_id = $1 ORDER BY id FOR UPDATE",
)
TOLD = """
SELECT log_defer('WorkspaceMemberJoined', 'workspaces', 'workspace_members', user_id => user_id, workspace_ids => ARRAY[$1::bigint],
                 effect => access_effect(NULL, role))
FROM (SELECT user_id, role FROM workspace_members WHERE workspace_id = $1 ORDER BY user_id) member
UNION ALL
SELECT log_defer('NewChat', 'user', 'chat_members', chat_id => chat_id, user_id => user_id, effect => access_effect(NULL, role))
FROM (SELECT m.* FROM chat_members m JOIN chats c ON c.id = m.chat_id WHERE c.workspace_id = $1 ORDER BY chat_id, user_id) member
"""  # noqa: E501 - an event a line


class NotMoved(Exception):
    """Why it stays where it is."""


@dataclass(frozen=True)
class Moved:
    """How many rows were copied while people wrote and in the freeze; and the seconds of the first, of the freeze
    until the edges held and as a whole, and of the deletion of what was left."""

    workspace: int
    cell: int
    rows: int
    late_rows: int
    copied: float
    held: float
    frozen: float
    deleted: float


async def move(directory: Directory, source: Connection, target: Connection, workspace: int, cell: int) -> Moved:
    """Connections are superusers'."""
    if reason := await source.fetchval(REFUSED, workspace):
        raise NotMoved(reason)
    address = await directory.address(cell)
    began = time.monotonic()
    found = await copying.tables(source)
    bulk = [table for table in found if table.bulk]
    since, rows = await _copy_bulk(source, target, bulk, workspace)
    looks = await copying.Looks.begun(source, found, workspace), await copying.Looks.begun(target, bulk, workspace)
    copied = time.monotonic()
    async with source.transaction():
        began_at = await target.fetchval("SELECT log_cursor()")
        async with directory.move(workspace, cell, began_at):
            held = time.monotonic()
            await source.execute("SET LOCAL lock_timeout = '2s'")
            for statement in LOCKED:
                await source.execute(statement, workspace)
            late = await _copy_rest(source, target, looks, workspace, since)
        frozen = time.monotonic()
        await source.execute("SELECT ops.move_workspace_away($1, $2)", workspace, address)
    return Moved(
        *(workspace, cell, rows, late),
        *(copied - began, held - copied, frozen - copied, time.monotonic() - frozen),
    )


async def _copy_bulk(
    source: Connection, target: Connection, bulk: list[copying.Table], workspace: int
) -> tuple[int, int]:
    """The oldest transaction of which it may not have everything, and how many rows it copied."""
    rows = 0
    async with source.transaction(isolation="repeatable_read", readonly=True), target.transaction():
        since = await source.fetchval("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::numeric % 4294967296")
        await target.execute(copying.QUIETLY)
        for table in await (await copying.Looks.begun(source, bulk, workspace)).tables():
            rows += await copying.copy(source, target, table, table.query(workspace))
    return int(since), rows


async def _copy_rest(
    source: Connection, target: Connection, looks: tuple[copying.Looks, copying.Looks], workspace: int, since: int
) -> int:
    rows = 0
    async with target.transaction():
        await target.execute(copying.QUIETLY)
        # People before what names them; those who are in the target cell too have the same ids there.
        await admit(source, target, await looks[0].people())
        there = await looks[0].tables()
        for table in (table for table in there if not table.bulk):
            rows += await copying.copy(source, target, table, table.query(workspace))
        copied = {table.name for table in await looks[1].tables()}
        for table in there:
            if table.bulk:
                rows += await copying.copy_changes(source, target, table, workspace, since)
                copied.discard(table.name)
        for name in copied:  # all of its rows have gone meanwhile
            table = next(table for table in looks[1].among if table.name == name)
            await copying.copy_changes(source, target, table, workspace, since)
        await target.execute("SET LOCAL session_replication_role = origin")
        await target.execute(TOLD, workspace)
    return rows


async def admit(source: Connection, target: Connection, people: list[int]) -> None:
    """Accounts and sessions of these people, if the target has not got them."""
    known = {row["id"] for row in await target.fetch("SELECT id FROM users WHERE id = ANY ($1)", people)}
    new = ", ".join(map(str, {*people} - known))
    if not new:
        return
    columns = {row["name"]: row["columns"] for row in await source.fetch(copying.COLUMNS)}
    for name, condition in (("users", f"id IN ({new})"), ("sessions", f"user_id IN ({new}) AND workspace_id IS NULL")):
        table = copying.Table(name, columns[name], ["id"], condition, bulk=False)
        await copying.copy(source, target, table, table.query(0))
