"""The snapshot of GET /api/sync is built fast, and is what it would be if each field were looked up by itself."""

import json
from pathlib import Path
from typing import Any

from chat_core.database.queries import load
from tests.sql.world import World

FOLDER = Path(__file__).parent / "snapshot"


async def test_the_snapshot_is_what_its_fields_are_one_by_one(world: World) -> None:
    await world.sql.execute((FOLDER / "random.sql").read_text())
    for user in (*world.people.values(), await world.sql.fetchval("SELECT max(id) FROM users")):
        snapshot = await world.sql.fetchrow(load()["snapshot"].sql, user, False, None)
        assert snapshot is not None
        for name in ("chats", "boards"):
            one_by_one = await world.rows((FOLDER / f"{name}.sql").read_text(), user)
            assert snapshot[name] == ",".join(row[0] for row in one_by_one), (name, user)


async def test_a_lean_snapshot_is_the_full_one_with_lists_shortened(world: World) -> None:
    await world.sql.execute((FOLDER / "random.sql").read_text())
    kept, dropped = set(), 0
    for user in (*world.people.values(), await world.sql.fetchval("SELECT max(id) FROM users")):
        full, lean = [await world.sql.fetchrow(load()["snapshot"].sql, user, shape, None) for shape in (False, True)]
        assert full is not None
        assert lean is not None
        assert (lean["own"], lean["threads"]) == (full["own"], full["threads"])
        chats, boards = json.loads(f"[{full['chats']}]"), json.loads(f"[{full['boards']}]")
        for chat in chats:
            newest = await world.sql.fetchval(
                "SELECT octet_length(message_text(m)) FROM messages m WHERE chat_id = $1 ORDER BY seq DESC LIMIT 1",
                chat["id"],
            )
            dropped += newest is not None and newest > 4096
            chat.update(bans=None, invites=None, messages=chat["messages"][-1:] if newest and newest <= 4096 else [])
            if chat["type"] != "Single":
                chat["members"] = None
            kept |= {name for name in ("members", "messages", "pinned_message_ids", "draft") if chat[name]}
        for board in boards:
            board.update(dict[str, Any](members=None, invites=None, versions=None))
        assert json.loads(f"[{lean['chats']}]") == chats
        assert json.loads(f"[{lean['boards']}]") == boards
    assert kept == {"members", "messages", "pinned_message_ids", "draft"}
    assert dropped > 0
