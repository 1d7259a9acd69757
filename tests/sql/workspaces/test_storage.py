"""What is stored is counted whoever writes it, and a quota holds whatever happens at once."""

import asyncio
import json
import random

import asyncpg
import pytest

from tests.sql.boards.test_board_updates import append
from tests.sql.world import World

ADD_VERSION = "INSERT INTO document_versions (document_id, name, seq, state, created_by) VALUES ($1, 'v', 0, $2, $3)"
SET_THUMBNAIL = (
    "INSERT INTO document_thumbnails (document_id, data) VALUES ($1, '\\xffd8ff'::bytea || $2) "
    "ON CONFLICT (document_id) DO UPDATE SET data = excluded.data"
)
KEEP_SNAPSHOT = (
    "SELECT board_keep_snapshot(id, last_seq, $2, 'v', 'd', false) FROM documents WHERE id = $1 AND last_seq > 0"
)
USAGE = "SELECT workspace_id, user_id, kind, bytes FROM storage_usage WHERE bytes > 0 ORDER BY 1, 2, 3"
QUOTA = 200_000


async def quota(world: World, workspace: int = 0, user: int = 0) -> None:
    await world.sql.execute("SELECT set_storage_quotas($1, $2)", workspace, user)


async def used(world: World, kind: str) -> int:
    return int(await world.sql.fetchval("SELECT coalesce(sum(bytes), 0) FROM storage_usage WHERE kind = $1", kind))


@pytest.mark.parametrize("seed", range(3))
async def test_what_is_counted_is_what_is_there(world: World, seed: int) -> None:
    chance = random.Random(seed)
    boards = [await world.add_board(name, "dave") for name in ("alice", "bob", "carol", "carol")]
    for board, maker in zip(boards, ("alice", "bob", "dave", "dave"), strict=True):
        await world.sql.execute("UPDATE documents SET created_by = $2 WHERE id = $1", board, world.people[maker])

    async def act() -> None:
        board, data = chance.choice(boards), chance.randbytes(chance.choice((2, 500, 50_000)))
        match chance.randrange(9):
            case 0 | 1 | 2:
                await append(world, (board, data), (chance.choice(boards), b"ab"))
            case 3:
                await world.sql.execute(
                    ADD_VERSION, board, data, chance.choice((world.alice, world.people["dave"], None))
                )
            case 4:
                await world.sql.execute("DELETE FROM document_versions WHERE id % 3 = 0")
            case 5:
                await world.sql.execute(SET_THUMBNAIL, board, data)
            case 6:
                await world.sql.execute("DELETE FROM document_thumbnails WHERE document_id = $1", board)
            case 7:
                await world.sql.execute(KEEP_SNAPSHOT, board, data)
            case 8:
                await world.sql.execute("DELETE FROM board_updates WHERE board_id = $1 AND seq % 2 = 0", board)

    async def check() -> None:
        lag = await world.sql.fetchval("SELECT max(stored_bytes + 1024 - charged_bytes) FROM documents")
        assert lag < 65_536
        await world.sql.execute("SELECT settle_document_storage(id) FROM documents")
        before = await world.rows(USAGE)
        assert await world.sql.fetchval("SELECT recount_storage()") == 0
        assert await world.rows(USAGE) == before

    for _ in range(60):
        await act()
    await check()
    await world.sql.execute("DELETE FROM documents WHERE id = $1", boards.pop(0))
    await check()
    await world.sql.execute("DELETE FROM users WHERE id = $1", world.people["dave"])
    await check()
    await world.sql.execute("UPDATE documents SET created_by = NULL")
    await check()
    await world.sql.execute("DELETE FROM workspaces")
    assert await world.rows(USAGE) == []


async def test_a_version_beyond_a_quota_is_refused_in_psql_too(world: World) -> None:
    board = await world.add_board("alice")
    await quota(world, user=QUOTA)
    await world.sql.execute(ADD_VERSION, board, b"x" * 150_000, world.alice)
    with pytest.raises(asyncpg.PostgresError, match=r"user \d+ has 150000 of 200000 bytes stored") as refused:
        await world.sql.execute(ADD_VERSION, board, b"x" * 150_000, world.alice)
    error = refused.value
    assert (error.constraint_name, error.sqlstate) == ("quota_exceeded", "FC409")
    told = json.loads(error.detail or "")
    assert told == {"quota": "user", "used": told["used"], "allowed": QUOTA, "needed": 150_000}
    await world.sql.execute(ADD_VERSION, board, b"x" * 150_000, world.bob)  # another one's quota
    await quota(world, workspace=2 * QUOTA)
    with pytest.raises(asyncpg.PostgresError, match="workspace"):
        await world.sql.execute(SET_THUMBNAIL, board, b"x" * 150_000)
    await world.sql.execute("SELECT ops.allow_workspace($1, '1 MB')", world.acme)
    await world.sql.execute(SET_THUMBNAIL, board, b"x" * 150_000)
    await world.sql.execute("SELECT ops.allow_workspace($1, NULL)", world.acme)
    with pytest.raises(asyncpg.PostgresError):
        await world.sql.execute(SET_THUMBNAIL, board, b"x" * 160_000)
    await world.sql.execute(SET_THUMBNAIL, board, b"x" * 100_000)  # less than before
    await quota(world)
    await world.sql.execute("SELECT ops.allow_user('alice@example.com', '1 kB')")
    with pytest.raises(asyncpg.PostgresError, match="user"):
        await world.sql.execute(
            "INSERT INTO documents (kind, workspace_id, name, created_by) VALUES ('board', $1, 'b', $2)",
            world.acme,
            world.alice,
        )


async def test_two_that_fit_and_not_together_do_not_both_pass(world: World) -> None:
    """The second waits for the first, whichever quota is in the way: of one workspace, or of one user in two."""
    boards = [await world.add_board("alice") for _ in range(2)]
    for bounds, makers in (({"workspace": QUOTA}, (world.alice, world.bob)), ({"user": QUOTA}, (world.alice,) * 2)):
        await world.sql.execute("DELETE FROM document_versions")
        await quota(world, **bounds)
        async with world.database.connect() as other:
            first = other.transaction()
            await first.start()
            await other.execute(ADD_VERSION, boards[0], b"x" * 150_000, makers[0])
            second = asyncio.create_task(world.sql.execute(ADD_VERSION, boards[1], b"x" * 150_000, makers[1]))
            async with world.database.connect() as watching:
                blocked = "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"
                async with asyncio.timeout(60):
                    while not await watching.fetchval(blocked):
                        pass
            await first.commit()
            with pytest.raises(asyncpg.PostgresError, match="bytes stored"):
                await second
        assert await used(world, "versions") == 150_000


async def test_updates_are_charged_in_steps_and_a_full_board_does_not_spoil_the_others(world: World) -> None:
    full, free = await world.add_board("alice"), await world.add_board("bob")
    await world.sql.execute("UPDATE documents SET created_by = $2 WHERE id = $1", full, world.alice)
    before = await used(world, "boards")
    assert await append(world, (full, b"x" * 60_000)) == [1]
    assert await used(world, "boards") == before  # not worth a lock yet
    assert await append(world, (full, b"x" * 60_000), (full, b"x" * 10)) == [2, 3]
    assert await used(world, "boards") == before + 120_010
    await quota(world, user=before + 130_000)
    assert await append(world, (full, b"x" * 70_000), (free, b"ab"), (full, b"ab")) == [-1, 1, -1]
    assert await world.rows("SELECT documents_without_room($1)", [full, free]) == []
    await quota(world, user=120_000)
    assert await world.rows("SELECT documents_without_room($1)", [full, free]) == [(full,)]
    await world.sql.execute("SELECT board_keep_snapshot($1, 3, 'small', 'v', 'd', false)", full)
    await world.sql.execute("DELETE FROM board_updates WHERE board_id = $1", full)
    assert await world.sql.fetchval("SELECT stored_bytes FROM documents WHERE id = $1", full) == len("smallvd")
    assert await world.rows("SELECT documents_without_room($1)", [full, free]) == []
    assert await append(world, (full, b"x" * 70_000)) == [4]


async def test_what_was_written_past_the_triggers_is_counted_anew(world: World) -> None:
    board = await world.add_board("alice")
    await world.sql.execute(
        "INSERT INTO board_updates (board_id, seq, origin, data) VALUES ($1, 1, 'n', $2)", board, b"x" * 1000
    )
    assert await world.rows("SELECT * FROM ops.recount_storage()") == [(1,)]
    assert await world.rows("SELECT stored_bytes, charged_bytes FROM documents") == [(1000, 2024)]
    assert await world.rows("SELECT * FROM ops.recount_storage()") == [(0,)]
