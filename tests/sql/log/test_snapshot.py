"""The snapshot of GET /api/sync is built fast, and is what it would be if each field were looked up by itself."""

from pathlib import Path

from chat_core.database.queries import load
from tests.sql.world import World

FOLDER = Path(__file__).parent / "snapshot"


async def test_the_snapshot_is_what_its_fields_are_one_by_one(world: World) -> None:
    await world.sql.execute((FOLDER / "random.sql").read_text())
    for user in (*world.people.values(), await world.sql.fetchval("SELECT max(id) FROM users")):
        snapshot = await world.sql.fetchrow(load()["snapshot"].sql, user)
        assert snapshot is not None
        for name in ("chats", "boards"):
            one_by_one = await world.rows((FOLDER / f"{name}.sql").read_text(), user)
            assert snapshot[name] == ",".join(row[0] for row in one_by_one), (name, user)
