"""Patches of pages: numbered without holes, whoever writes them, each once, and only on pages that are there."""

import asyncio
import json
from typing import NamedTuple

import asyncpg
import pytest

from tests.sql.world import World, blocked

pytestmark = pytest.mark.postgres_15

APPEND = "SELECT outcome, version FROM page_append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
PSQL = "INSERT INTO page_ops (page_id, patch) VALUES ($1, $2) RETURNING version"
SNAPSHOT = "SELECT page_keep_snapshot($1, $2, $3, $4, $5, $6)"


class Op(NamedTuple):
    page: int
    version: int
    op_id: str
    patch: str = "[]"
    digest: bytes = bytes(16)


async def append(
    world: World, *ops: Op, node: str = "n", sql: asyncpg.Connection | None = None
) -> list[tuple[str, int | None]]:
    amount = len(ops)
    rows = await (sql or world.sql).fetch(
        APPEND,
        node,
        [op.page for op in ops],
        [op.version for op in ops],
        [world.alice] * amount,
        ["c"] * amount,
        [op.op_id for op in ops],
        [op.digest for op in ops],
        [op.version - 1 for op in ops],
        [op.patch for op in ops],
        ["[]"] * amount,
        ["[]"] * amount,
        0,
    )
    return [(row["outcome"], row["version"]) for row in rows]


async def versions(world: World, page: int) -> list[tuple[int, str]]:
    return await world.rows("SELECT version, op_id FROM page_ops WHERE page_id = $1 ORDER BY version", page)


async def test_a_new_page_begins_at_version_1_whoever_creates_it(world: World) -> None:
    by_psql = await world.add_page("alice")
    shown = await world.sql.fetchval("SELECT create_page($1, $2, 'x', 'free', '[]', true)", world.alice, world.acme)
    made = json.loads(shown)
    assert (made["version"], made["schema"], made["is_template"]) == (1, "free", True)
    found = await world.rows(
        "SELECT id, last_seq, schema, version, content FROM documents JOIN pages ON page_id = id "
        "JOIN page_snapshots s ON s.page_id = id ORDER BY id"
    )
    assert [row[:4] for row in found] == [(by_psql, 1, "page", 1), (made["id"], 1, "free", 1)]
    assert json.loads(found[0][4])["rootId"] == 1
    assert found[1][4] == "[]"


async def test_patches_follow_each_other_and_one_bell_rings_for_all(world: World) -> None:
    one, two = await world.add_page("alice"), await world.add_page("alice")
    await world.events()
    heard: list[str] = []
    rung = asyncio.Event()

    def hear(*notification: object) -> None:
        heard.append(str(notification[-1]))
        rung.set()

    await world.sql.add_listener("fechatter_pages", hear)
    assert await append(world, Op(two, 2, "a"), Op(one, 2, "b"), Op(two, 3, "c")) == [
        ("stored", 2),
        ("stored", 2),
        ("stored", 3),
    ]
    assert await world.sql.fetchval(PSQL, one, "[]") == 3
    async with asyncio.timeout(60):
        while len(heard) < 2:
            rung.clear()
            await rung.wait()
    assert heard == [f"n {one} {two}", f"psql {one}"]
    assert await versions(world, two) == [(2, "a"), (3, "c")]
    assert await world.events() == []
    assert await world.rows("SELECT id, last_seq FROM documents ORDER BY id") == [(one, 3), (two, 3)]


async def test_each_outcome(world: World) -> None:
    page, other, gone = await world.add_page("alice"), await world.add_page("alice"), await world.add_page("alice")
    await world.sql.execute("UPDATE documents SET deleted_at = now() WHERE id = $1", gone)
    await append(world, Op(page, 2, "a"))
    assert await append(world, Op(page, 2, "b"), Op(other, 2, "b"), Op(gone, 2, "b"), Op(999, 1, "b")) == [
        ("behind", 2),
        ("stored", 2),
        ("gone", None),
        ("gone", None),
    ]
    # A repeated one is known, and what came with it waits for another try.
    assert await append(world, Op(page, 3, "a"), Op(page, 4, "c")) == [("known", 2), ("behind", 2)]
    assert await append(world, Op(page, 3, "a", digest=b"x" * 16)) == [("reused", 2)]
    assert await append(world, Op(page, 4, "d")) == [("behind", 2)]
    assert await append(world, Op(page, 3, "d"), Op(page, 3, "e")) == [("behind", 2), ("behind", 2)]
    assert await append(world, Op(page, 3, "d"), Op(page, 4, "d")) == [("behind", 2), ("behind", 2)]
    board = await world.add_board("alice")
    assert await append(world, Op(board, 1, "f")) == [("gone", None)]
    assert await versions(world, page) == [(2, "a")]


async def test_a_used_up_quota_refuses_the_patches_of_its_pages_alone(world: World) -> None:
    page = await world.add_page("alice")
    await world.sql.execute("UPDATE documents SET created_by = $1 WHERE id = $2", world.bob, page)
    free = await world.add_page("alice")
    await world.sql.execute("INSERT INTO storage_exceptions (user_id, bytes) VALUES ($1, 2000)", world.bob)
    patch = json.dumps([{"op": "add", "path": "/x", "value": "x" * 70_000}])
    assert await append(world, Op(page, 2, "a", patch), Op(free, 2, "b", patch)) == [("full", 1), ("stored", 2)]


async def test_a_used_up_quota_refuses_comments_and_what_new_pages_begin_with(world: World) -> None:
    page = await world.add_page("alice")
    await world.sql.execute("INSERT INTO storage_exceptions (workspace_id, bytes) VALUES ($1, 130000)", world.acme)
    comment = "INSERT INTO page_comments (page_id, component_id, author_id, content) VALUES ($1, '1', $2, $3)"
    for _ in range(33):  # up to 64 KiB are not charged yet
        await world.sql.execute(comment, page, world.alice, "x" * 4000)
    many = comment.replace("VALUES ($1, '1', $2, $3)", "SELECT $1, '1', $2, $3 FROM generate_series(1, 16)")
    with pytest.raises(asyncpg.PostgresError) as refused:
        await world.sql.execute(many, page, world.alice, "x" * 4000)
    assert refused.value.constraint_name == "quota_exceeded"
    create = "SELECT create_page($1, $2, 'x', 'free', $3, false)"
    with pytest.raises(asyncpg.PostgresError) as refused:
        await world.sql.execute(create, world.alice, world.acme, json.dumps("x" * 100_000))
    assert refused.value.constraint_name == "quota_exceeded"
    await world.sql.execute(create, world.alice, world.acme, "[]")


async def test_two_at_once_make_one_order(world: World) -> None:
    page = await world.add_page("alice")
    async with world.database.connect() as one, world.database.connect() as other:
        first = one.transaction()
        await first.start()
        assert await append(world, Op(page, 2, "a"), sql=one) == [("stored", 2)]
        second = asyncio.create_task(append(world, Op(page, 2, "b"), sql=other))
        await blocked(world, other)
        await first.commit()
        assert await second == [("behind", 2)]


async def test_psql_writes_many_at_once_and_never_leaves_a_hole(world: World) -> None:
    page, gone = await world.add_page("alice"), await world.add_page("alice")
    await world.sql.execute("INSERT INTO page_ops (page_id, patch) SELECT $1, '[]' FROM generate_series(1, 3)", page)
    assert [version for version, _ in await versions(world, page)] == [2, 3, 4]
    await world.sql.execute("UPDATE documents SET deleted_at = now() WHERE id = $1", gone)
    for statement, rule in (
        (f"INSERT INTO page_ops (page_id, version, patch) VALUES ({page}, 9, '[]')", "page_versions_are_dense"),
        (f"INSERT INTO page_ops (page_id, patch) VALUES ({gone}, '[]')", "page_is_deleted"),
        (f"UPDATE page_ops SET patch = '[1]' WHERE page_id = {page}", "key_is_final"),
        (f"DELETE FROM page_ops WHERE page_id = {page}", "page_op_is_needed"),
        (f"UPDATE pages SET schema = 'free' WHERE page_id = {page}", "page_schema_is_final"),
    ):
        with pytest.raises(asyncpg.PostgresError) as refused:
            await world.sql.execute(statement)
        assert refused.value.constraint_name == rule, statement
    assert [version for version, _ in await versions(world, page)] == [2, 3, 4]


async def test_a_snapshot_is_never_replaced_by_an_older_one_and_is_in_the_log(world: World) -> None:
    page = await world.add_page("alice", "bob")
    await world.sql.execute("INSERT INTO page_ops (page_id, patch) SELECT $1, '[]' FROM generate_series(1, 3)", page)
    await world.events()
    assert await world.sql.fetchval(SNAPSHOT, page, 3, "{}", [2], ["[1]"], ["[2]"])
    assert not await world.sql.fetchval(SNAPSHOT, page, 2, "old", [], [], [])
    assert not await world.sql.fetchval(SNAPSHOT, page, 99, "early", [], [], [])
    assert await world.rows("SELECT version, content FROM page_snapshots WHERE page_id = $1", page) == [(3, "{}")]
    assert await world.rows("SELECT inverse, effects FROM page_ops WHERE version IN (2, 3) ORDER BY version") == [
        ("[1]", "[2]"),
        (None, None),
    ]
    (event,) = await world.events()
    assert (event.kind, event.audience, event.document_id) == ("PageEdited", "document", page)
    assert event.payload == {"page_id": page, "workspace_id": world.acme, "version": 3}


async def test_history_expires_as_far_as_the_snapshot_has_it(world: World) -> None:
    page = await world.add_page("alice")
    await world.sql.execute("INSERT INTO page_ops (page_id, patch) SELECT $1, '[]' FROM generate_series(1, 4)", page)
    await world.sql.execute(SNAPSHOT, page, 3, "{}", [], [], [])
    assert await world.sql.fetchval("SELECT expire_page_ops($1, '1 day', 10)", page) == 0
    assert await world.sql.fetchval("SELECT expire_page_ops($1, '-1 day', 1)", page) == 1
    assert await world.sql.fetchval("SELECT expire_page_ops($1, '-1 day', 10)", page) == 1
    assert [version for version, _ in await versions(world, page)] == [4, 5]


async def test_what_is_stored_is_counted_to_the_byte(world: World) -> None:
    page = await world.add_page("alice")
    patch = json.dumps([{"op": "add", "path": "/x", "value": "€" * 40_000}], ensure_ascii=False)
    await append(world, Op(page, 2, "a", patch))
    await world.sql.execute(PSQL, page, patch)
    await world.sql.execute(SNAPSHOT, page, 3, '{"€": 1}', [3], ["[3]"], ["[]"])
    comment = (
        "INSERT INTO page_comments (page_id, component_id, author_id, content) "
        "SELECT $1, '1', $2, $3 FROM generate_series(1, 3)"
    )
    await world.sql.execute(comment, page, world.alice, "€" * 4000)
    await world.sql.execute("DELETE FROM page_comments WHERE id = (SELECT min(id) FROM page_comments)")
    await world.sql.execute("SELECT expire_page_ops($1, '-1 day', 1)", page)
    counted = await world.rows("SELECT stored_bytes FROM documents WHERE id = $1", page)
    assert await world.sql.fetchval("SELECT recount_storage()") in (0, 1)  # the step that is not charged yet
    assert await world.rows("SELECT stored_bytes FROM documents WHERE id = $1", page) == counted


async def refuse(
    world: World, page: int, *op_ids: str, code: str = "READ_ONLY", hangs_on: str | None = None
) -> list[tuple[object, ...]]:
    amount = len(op_ids)
    rows = await world.sql.fetch(
        "SELECT outcome, code, version FROM page_refuse($1, $2, $3, $4, $5, $6)",
        [page] * amount,
        list(op_ids),
        [bytes(16)] * amount,
        [world.alice] * amount,
        [code] * amount,
        [hangs_on] * amount,
    )
    return [tuple(row) for row in rows]


async def test_what_is_refused_is_stored_by_nobody_and_what_is_stored_is_not_refused(world: World) -> None:
    page = await world.add_page("alice")
    assert await refuse(world, page, "a") == [("refused", "READ_ONLY", None)]
    assert await refuse(world, page, "a", code="PATCH_FAILED") == [("refused", "READ_ONLY", None)]  # as the first time
    assert await append(world, Op(page, 2, "a"), Op(page, 3, "b")) == [("refused", 1), ("behind", 1)]
    assert await append(world, Op(page, 2, "a", digest=bytes(15) + b"1")) == [("reused", 1)]
    assert await append(world, Op(page, 2, "b")) == [("stored", 2)]
    assert await refuse(world, page, "b") == [("known", None, 2)]
    assert await refuse(world, page, "c", hangs_on="b") == [("again", None, None)]
    assert await refuse(world, page + 1, "c") == [("gone", None, None)]
    for statement, rule in (
        (f"INSERT INTO page_ops (page_id, op_id, patch) VALUES ({page}, 'a', '[]')", "page_op_was_refused"),
        (f"INSERT INTO page_refusals (page_id, op_id, code) VALUES ({page}, 'b', 'X')", "page_op_is_stored"),
        (f"UPDATE page_refusals SET code = 'X' WHERE page_id = {page}", "key_is_final"),
    ):
        with pytest.raises(asyncpg.PostgresError) as refused:
            await world.sql.execute(statement)
        assert refused.value.constraint_name == rule, statement


async def test_a_refusal_waits_for_no_locked_page_and_each_user_has_so_many(world: World) -> None:
    page = await world.add_page("alice")
    async with world.database.connect() as other, other.transaction():
        await other.execute("SELECT FROM documents WHERE id = $1 FOR UPDATE", page)
        assert await refuse(world, page, "a") == [("busy", None, None)]
    for first in range(0, 1200, 200):
        await refuse(world, page, *[f"{number:04}" for number in range(first, first + 200)])
    kept = await world.rows("SELECT count(*), min(op_id) FROM page_refusals WHERE page_id = $1", page)
    assert kept == [(1000, "0200")]
