"""Updates of boards: numbered without holes, by whoever writes them, and only on boards that are there."""

import asyncio

import asyncpg
import pytest

from tests.sql.world import World

APPEND = "SELECT seq FROM board_append($1, $2, $3, $4, $5, $6)"


async def append(world: World, *updates: tuple[int, bytes], node: str = "n", sql: asyncpg.Connection | None = None,
                 skipping: bool = False, patience_ms: int = 0) -> list[int | None]:  # fmt: skip
    boards = [board for board, _ in updates]
    data = [content for _, content in updates]
    users = [world.alice] * len(updates)
    rows = await (sql or world.sql).fetch(APPEND, node, boards, users, data, patience_ms, skipping)
    return [row["seq"] for row in rows]


async def test_each_board_counts_by_itself_and_one_bell_rings_for_all(world: World) -> None:
    one, two = await world.add_board("alice"), await world.add_board("alice")
    await world.events()
    heard: list[str] = []
    rung = asyncio.Event()

    def hear(*notification: object) -> None:
        heard.append(str(notification[-1]))
        rung.set()

    await world.sql.add_listener("fechatter_boards", hear)
    assert await append(world, (two, b"ab"), (one, b"cd"), (two, b"ef")) == [1, 1, 2]
    assert await append(world, (two, b"gh"), (99, b"ij")) == [3, None]
    async with asyncio.timeout(60):
        while len(heard) < 2:
            rung.clear()
            await rung.wait()
    assert heard == [f"n {one} {two}", f"n {two}"]
    rows = await world.rows("SELECT board_id, seq, data, user_id, origin FROM board_updates ORDER BY 1, 2")
    assert rows == [
        (one, 1, b"cd", world.alice, "n"),
        (two, 1, b"ab", world.alice, "n"),
        (two, 2, b"ef", world.alice, "n"),
        (two, 3, b"gh", world.alice, "n"),
    ]
    assert await world.events() == []


async def test_a_deleted_board_takes_nothing_and_a_deleted_user_spoils_nothing(world: World) -> None:
    board = await world.add_board("alice", "bob")
    await append(world, (board, b"ab"))
    await world.sql.execute("UPDATE documents SET deleted_at = now()")
    assert await append(world, (board, b"cd")) == [None]
    await world.sql.execute("UPDATE documents SET deleted_at = NULL")
    rows = await world.rows(APPEND, "n", [board], [999], [b"ef"], 0, False)
    assert rows == [(2,)]
    assert await world.sql.fetchval("SELECT user_id FROM board_updates WHERE seq = 2") is None


async def test_a_locked_board_keeps_the_others_waiting_only_for_so_long(world: World) -> None:
    locked, free = await world.add_board("alice"), await world.add_board("alice")
    async with world.database.connect() as other, other.transaction():
        await other.execute("SELECT FROM documents WHERE id = $1 FOR UPDATE", locked)
        with pytest.raises(asyncpg.LockNotAvailableError):
            await append(world, (locked, b"ab"), (free, b"cd"), patience_ms=50)
        assert await append(world, (locked, b"ab"), (free, b"cd"), patience_ms=50, skipping=True) == [0, 1]
    assert await append(world, (locked, b"ab"), skipping=True) == [1]


async def test_seqs_are_seen_in_order_whatever_commits_first(world: World) -> None:
    board = await world.add_board("alice")
    async with world.database.connect() as other:
        first = other.transaction()
        await first.start()
        assert await append(world, (board, b"ab"), sql=other, node="m") == [1]
        second = asyncio.create_task(append(world, (board, b"cd")))
        await asyncio.sleep(0)
        await first.commit()
        assert await second == [2]


async def test_a_snapshot_gives_way_to_a_newer_one_alone(world: World) -> None:
    board = await world.add_board("alice")
    await append(world, *[(board, b"ab")] * 5)

    async def keep(seq: int, state: bytes) -> tuple[int, bytes] | None:
        await world.sql.execute("SELECT board_keep_snapshot($1, $2, $3, '', '', false)", board, seq, state)
        row = await world.sql.fetchrow("SELECT seq, state FROM board_snapshots")
        return tuple(row) if row else None

    assert await keep(6, b"of what is not there") is None
    assert await keep(3, b"three") == (3, b"three")
    assert await keep(2, b"two") == (3, b"three")
    assert await keep(5, b"five") == (5, b"five")


async def test_history_goes_when_it_is_old_and_in_a_snapshot(world: World) -> None:
    board = await world.add_board("alice")
    await append(world, *[(board, b"ab")] * 6)
    await world.sql.execute("SELECT board_keep_snapshot($1, 4, 'x', '', '', false)", board)
    await world.sql.execute("UPDATE board_updates SET created_at = now() - interval '40 days' WHERE seq <> 3")
    expire = "SELECT expire_board_updates($1, interval '30 days', 2)"
    assert [await world.sql.fetchval(expire, board) for _ in range(3)] == [2, 1, 0]
    left = await world.rows("SELECT seq FROM board_updates ORDER BY 1")
    assert left == [(3,), (5,), (6,)]


async def test_a_snapshot_is_dropped_only_if_its_updates_can_make_it_anew(world: World) -> None:
    """In quarantine they are kept as well."""
    board = await world.add_board("alice")
    await append(world, (board, b"ab"), (board, b"cd"), (board, b"ef"))
    await world.sql.execute("SELECT board_keep_snapshot($1, 3, 'abc', '0', 'de', false)", board)
    assert await world.sql.fetchval("SELECT quarantine_board_updates($1, '{2}', '{why}')", board) == 1
    assert await world.rows("SELECT * FROM ops.check_board($1)", board) == [(3, 3, 2, 1, True)]
    await world.sql.execute("DELETE FROM board_updates WHERE seq = 1")  # its history is over
    assert await world.rows("SELECT * FROM ops.check_board($1)", board) == [(3, 3, 1, 1, False)]
    with pytest.raises(asyncpg.RaiseError, match="not all updates"):
        await world.sql.execute("SELECT ops.remake_snapshot($1)", board)
    await world.sql.execute("SELECT ops.delete_quarantined($1, 2)", board)
    other = await world.add_board("alice")
    await append(world, (other, b"ab"))
    await world.sql.execute("SELECT board_keep_snapshot($1, 1, 'abc', '0', 'de', false)", other)
    await world.sql.execute("SELECT ops.remake_snapshot($1)", other)
    assert await world.rows("SELECT board_id FROM board_snapshots") == [(board,)]


async def test_what_is_released_beyond_a_quota_stays_in_quarantine(world: World) -> None:
    board = await world.add_board("alice")
    await append(world, (board, b"ab" * 50_000))
    await world.sql.execute("SELECT quarantine_board_updates($1, '{1}', '{why}')", board)
    await world.sql.execute("SELECT set_storage_quotas(1, 0)")
    await append(world, (board, b"cd" * 50_000))
    with pytest.raises(asyncpg.PostgresError, match="leaves no room"):
        await world.sql.execute("SELECT ops.release_update($1, 1)", board)
    assert await world.rows("SELECT seq FROM board_quarantine") == [(1,)]


async def test_what_is_released_from_quarantine_is_the_newest_update(world: World) -> None:
    board = await world.add_board("alice")
    await append(world, (board, b"ab"), (board, b"cd"))
    await world.sql.execute("SELECT quarantine_board_updates($1, '{1}', '{why}')", board)
    await world.sql.execute("UPDATE documents SET deleted_at = now()")
    with pytest.raises(asyncpg.PostgresError, match="is deleted"):
        await world.sql.execute("SELECT ops.release_update($1, 1)", board)
    await world.sql.execute("UPDATE documents SET deleted_at = NULL")
    assert await world.sql.fetchval("SELECT ops.release_update($1, 1)", board) == 3
    with pytest.raises(asyncpg.NoDataFoundError):
        await world.sql.execute("SELECT ops.release_update($1, 1)", board)
    assert await world.rows("SELECT seq, data FROM board_updates ORDER BY 1") == [(2, b"cd"), (3, b"ab")]
    assert await world.rows("SELECT * FROM ops.quarantine") == []
