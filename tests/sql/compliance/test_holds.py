"""Legal holds in SQL: what they cover is kept in the transaction that would lose it, whoever writes it."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from tests.sql.world import World, blocked
from tests.support.postgres import apply_roles


async def place(world: World, **scope: Any) -> int:
    """A hold in acme, on alice unless something else is said."""
    scope = scope or {"user_id": world.alice}
    columns = ", ".join(scope)
    values = ", ".join(f"${number}" for number in range(2, 2 + len(scope)))
    return int(
        await world.sql.fetchval(
            f"INSERT INTO holds (workspace_id, name, {columns}) VALUES ($1, 'a case', {values}) RETURNING id",
            world.acme,
            *scope.values(),
        )
    )


async def kept(world: World) -> list[tuple[int, int, str, str]]:
    """Message, version, content, how it was lost."""
    rows = await world.rows("SELECT message_id, version, content, lost FROM held_content ORDER BY message_id, version")
    return [(message, version, json.loads(content)["content"], lost) for message, version, content, lost in rows]


async def release(world: World, hold: int) -> None:
    """And seven days pass."""
    await world.sql.execute("UPDATE holds SET released_at = now(), release_reason = 'over' WHERE id = $1", hold)
    await let_go(world)


async def let_go(world: World) -> None:
    await world.sql.execute("CREATE OR REPLACE FUNCTION hold_keeps_on() RETURNS interval RETURN interval '0'")
    await world.sql.execute("UPDATE steady_clock SET reached_at = now(); SELECT let_go_of_released()")


async def test_what_is_edited_or_deleted_is_kept_in_the_same_transaction(world: World) -> None:
    message, other = await world.post("first"), await world.post("other", world.bob)
    await world.sql.execute("UPDATE messages SET content = 'early' WHERE id = $1", message)
    await place(world, user_id=world.alice)
    async with world.sql.transaction():
        await world.sql.execute("UPDATE messages SET content = 'second' WHERE id = $1", message)
        assert await kept(world) == [(message, 1, "first", "edited"), (message, 2, "early", "edited")]
    await world.sql.execute("UPDATE messages SET deleted_at = now() WHERE id = ANY ($1)", [message, other])
    assert await kept(world) == [
        (message, 1, "first", "edited"),
        (message, 2, "early", "edited"),
        (message, 3, "second", "deleted"),
        (other, 1, "other", "deleted"),
    ], "others speak in alice's chats"
    assert await world.rows("SELECT content FROM messages WHERE content <> ''") == []
    assert await world.rows("SELECT payload FROM events WHERE payload::text ~ $1", '"(first|second)"') == []
    await world.sql.execute("DELETE FROM messages")
    assert len(await kept(world)) == 4, "a tombstone has nothing to keep"


async def test_an_edit_writes_what_it_replaces_and_no_earlier_version(world: World) -> None:
    message = await world.post("one")
    await world.sql.execute("UPDATE messages SET content = 'two' WHERE id = $1", message)
    await place(world, user_id=world.alice)
    await world.sql.execute("UPDATE messages SET content = 'three' WHERE id = $1", message)
    written = "SELECT version, ctid::text, cardinality(hold_ids) FROM held_content ORDER BY version"
    before = await world.rows(written)
    assert [(version, holds) for version, _, holds in before] == [(1, 1), (2, 1)]
    await world.sql.execute("UPDATE messages SET content = 'four' WHERE id = $1", message)
    assert (await world.rows(written))[:2] == before
    assert [content for _, _, content, _ in await kept(world)] == ["one", "two", "three"]
    # Another hold keeps the earlier ones, too.
    await place(world, since=datetime(2020, 1, 1, tzinfo=UTC))
    await world.sql.execute("UPDATE messages SET content = 'five' WHERE id = $1", message)
    assert [(version, holds) for version, _, holds in await world.rows(written)] == [(n, 2) for n in (1, 2, 3, 4)]


async def test_a_transaction_that_is_undone_keeps_nothing(world: World) -> None:
    message = await world.post()
    await place(world, user_id=world.alice)
    change = world.sql.transaction()
    await change.start()
    await world.sql.execute("DELETE FROM messages WHERE id = $1", message)
    assert len(await kept(world)) == 1
    await change.rollback()
    assert await kept(world) == []


@pytest.mark.parametrize("loss", ["retention", "first_seq", "row", "chat", "earlier version"])
async def test_every_way_to_lose_it_keeps_it(world: World, loss: str) -> None:
    message = await world.post("first")
    await world.sql.execute("UPDATE messages SET content = 'second'")
    await place(world, chat_id=world.group)
    if loss == "retention":
        await world.sql.execute("ALTER TABLE messages DISABLE TRIGGER p30_final_key")
        await world.sql.execute("UPDATE messages SET created_at = now() - interval '9 days'")
        await world.sql.execute("UPDATE chats SET retention_days = 1")
        assert await world.sql.fetchval("SELECT expire_messages($1, 10)", world.group) == 1
    elif loss == "first_seq":
        await world.sql.execute("UPDATE chats SET first_seq = 2")
    elif loss == "row":
        await world.sql.execute("DELETE FROM messages")
    elif loss == "chat":
        await world.sql.execute("DELETE FROM chats")
    else:
        await world.sql.execute("DELETE FROM message_edits")
    assert [entry[:3] for entry in await kept(world)] == [(message, 1, "first"), (message, 2, "second")]


async def test_a_hold_covers_what_its_scope_says(world: World) -> None:
    elsewhere = await world.add_chat("Group", "bob", "carol")
    by_alice, by_bob = await world.post("a"), await world.post("b", world.bob)
    apart = await world.post("c", world.bob, elsewhere)
    await place(world, user_id=world.alice)
    await world.sql.execute("UPDATE messages SET deleted_at = now()")
    assert [entry[0] for entry in await kept(world)] == [by_alice, by_bob]
    assert apart > by_bob, "alice is not in that chat"


async def test_a_hold_on_a_time_covers_what_was_said_then(world: World) -> None:
    early = await world.post("early")
    now = await world.sql.fetchval("SELECT clock_timestamp()")
    late = await world.post("late")
    await place(world, until=now)
    await world.sql.execute("UPDATE messages SET deleted_at = now()")
    assert [entry[0] for entry in await kept(world)] == [early]
    assert late > early


async def test_what_was_said_before_a_held_person_left_is_still_covered(world: World) -> None:
    before = await world.post("before", world.bob)
    await place(world, user_id=world.carol)
    await world.sql.execute("DELETE FROM chat_members WHERE user_id = $1", world.carol)
    await world.post("after", world.bob)
    await world.sql.execute("DELETE FROM chats WHERE id = $1", world.group)
    assert [entry[0] for entry in await kept(world)] == [before]


async def test_released_content_goes_unless_another_hold_keeps_it(world: World) -> None:
    message, other = await world.post("one"), await world.post("two", world.bob)
    first = await place(world, chat_id=world.group)
    await world.sql.execute("UPDATE messages SET deleted_at = now() WHERE id = $1", message)
    second = await place(world, user_id=world.alice)
    await world.sql.execute("UPDATE messages SET deleted_at = now() WHERE id = $1", other)
    await release(world, first)
    assert [entry[0] for entry in await kept(world)] == [message, other], "the second one covers both"
    await release(world, second)
    assert await kept(world) == []
    await world.sql.execute("DELETE FROM messages")
    assert await kept(world) == []
    acts = await world.rows("SELECT action, after FROM audit_log WHERE action LIKE 'hold%' ORDER BY id")
    assert [action for action, _ in acts] == ["hold_placed", "hold_placed", "hold_released", "hold_released"]
    assert json.loads(acts[0][1]) == {"name": "a case", "reason": "", "chat_id": world.group}


async def test_a_hold_that_comes_to_cover_a_message_keeps_its_earlier_versions_too(world: World) -> None:
    message = await world.post("the bribe", world.bob)
    first = await place(world, chat_id=world.group)
    await place(world, user_id=world.dave)
    await world.sql.execute("UPDATE messages SET content = 'nothing'")  # dave is not in the chat
    await world.sql.execute("INSERT INTO chat_members (chat_id, user_id) VALUES ($1, $2)", world.group, world.dave)
    await world.sql.execute("UPDATE messages SET deleted_at = now()")
    await release(world, first)
    assert [entry[:3] for entry in await kept(world)] == [(message, 1, "the bribe"), (message, 2, "nothing")]


async def test_what_a_hold_kept_stays_for_days_after_its_release(world: World) -> None:
    message = await world.post("the bribe")
    hold = await place(world, chat_id=world.group)
    await world.sql.execute("UPDATE messages SET deleted_at = now()")
    # Nor is a release backdated.
    await world.sql.execute("UPDATE holds SET released_at = now() - interval '9 days' WHERE id = $1", hold)
    assert await world.rows("SELECT let_go_of_released()") == []
    for statement, name in {
        "UPDATE holds SET let_go_at = now()": "hold_keeps_on",
        "DELETE FROM holds": "hold_is_in_force",
        "DELETE FROM held_content": "held_content_stays",
        "UPDATE held_content SET hold_ids = '{}'": "held_content_stays",
        "DELETE FROM workspaces": "workspace_is_held",
    }.items():
        with pytest.raises(asyncpg.PostgresError) as refused:
            await world.sql.execute(statement)
        assert refused.value.constraint_name == name, statement
    another = await place(world, chat_id=world.group)
    await let_go(world)
    assert [entry[0] for entry in await kept(world)] == [message], "another hold has taken it over"
    await release(world, another)
    assert await kept(world) == []


async def test_a_held_person_does_not_release_the_hold(world: World) -> None:
    hold = await place(world, user_id=world.alice)
    with pytest.raises(asyncpg.PostgresError) as refused:
        await world.sql.execute(
            "UPDATE holds SET released_at = now(), released_by = $2 WHERE id = $1", hold, world.alice
        )
    assert refused.value.constraint_name == "hold_is_released_by_another"


async def test_nobody_takes_away_what_is_held(world: World) -> None:
    await world.post()
    hold = await place(world, chat_id=world.group)
    await world.sql.execute("DELETE FROM messages")
    for statement, name in {
        "DELETE FROM holds": "hold_is_in_force",
        "UPDATE holds SET since = now()": "key_is_final",
        "DELETE FROM held_content": "held_content_stays",
        "UPDATE held_content SET hold_ids = '{}'": "held_content_stays",
        """UPDATE held_content SET content = '{"content": ""}'""": "held_content_stays",
        "TRUNCATE held_content CASCADE": "truncate_is_silent",
        "TRUNCATE holds CASCADE": "truncate_is_silent",
        "DELETE FROM workspaces": "workspace_is_held",
    }.items():
        with pytest.raises(asyncpg.PostgresError) as refused:
            await world.sql.execute(statement)
        assert refused.value.constraint_name == name, statement
    await release(world, hold)
    with pytest.raises(asyncpg.PostgresError) as refused:
        await world.sql.execute("UPDATE holds SET released_at = NULL")
    assert refused.value.constraint_name == "hold_is_released"
    await world.sql.execute("DELETE FROM workspaces")
    assert await world.rows("SELECT FROM holds") == []


async def test_a_workspace_takes_along_what_was_once_held(world: World) -> None:
    """Holds that are over, in a workspace with others' files and content."""
    await release(world, await place(world, chat_id=world.group))
    await world.sql.execute("DELETE FROM workspaces")


FILE = """
WITH stored AS (
    INSERT INTO blobs (workspace_id, sha256, size, key) VALUES ($1, sha256('x'), 1, gen_random_uuid()) RETURNING 1
) INSERT INTO files (workspace_id, uploader_id, sha256, size, type, name)
SELECT $1, $2, sha256('x'), 1, 'text/plain', 'x.txt' FROM stored RETURNING id
"""


async def test_a_held_file_lives_and_nobody_sees_it(world: World) -> None:
    file = await world.sql.fetchval(FILE, world.acme, world.alice)
    await world.sql.execute(
        "INSERT INTO messages (chat_id, sender_id, content, files) VALUES ($1, $2, '', ARRAY[$3::bigint])",
        world.group,
        world.alice,
        file,
    )
    hold = await place(world, chat_id=world.group)
    sees = "SELECT sees_file(f, $1) FROM files f"
    assert await world.sql.fetchval(sees, world.bob)
    await world.sql.execute("UPDATE messages SET deleted_at = now()")
    assert await world.rows("SELECT count(*) FROM blobs") == [(1,)]
    assert await world.rows("SELECT key FROM blob_deletions") == []
    assert not await world.sql.fetchval(sees, world.alice)
    assert not await world.sql.fetchval(sees, world.bob)
    with pytest.raises(asyncpg.PostgresError) as refused:
        await world.sql.execute("DELETE FROM files")
    assert refused.value.constraint_name == "file_is_held"
    await release(world, hold)
    assert await world.rows("SELECT FROM files") == []
    assert await world.rows("SELECT count(*) FROM blob_deletions") == [(1,)]


async def test_a_hold_waits_for_what_is_being_lost_and_sees_all_that_comes_after(world: World) -> None:
    first, second = await world.post("one"), await world.post("two")
    deleting, placing = await world.connect(), await world.connect()
    await deleting.execute("BEGIN")
    await deleting.execute("UPDATE messages SET deleted_at = now() WHERE id = $1", first)
    placed = asyncio.create_task(
        placing.execute("INSERT INTO holds (workspace_id, name, chat_id) VALUES ($1, 'x', $2)", world.acme, world.group)
    )
    await blocked(world, placing)
    await deleting.execute("COMMIT")
    await placed
    await world.sql.execute("UPDATE messages SET deleted_at = now() WHERE id = $1", second)
    assert [entry[0] for entry in await kept(world)] == [second]


async def test_a_chat_of_another_workspace_is_refused(world: World) -> None:
    other = await world.sql.fetchval("INSERT INTO workspaces (name) VALUES ('other') RETURNING id")
    with pytest.raises(asyncpg.PostgresError) as refused:
        await world.sql.execute(
            "INSERT INTO holds (workspace_id, name, chat_id) VALUES ($1, 'x', $2)", other, world.group
        )
    assert refused.value.constraint_name == "hold_chat_in_workspace"


async def test_no_server_reads_what_is_held(world: World) -> None:
    await apply_roles(world.sql)
    for role in ("fechatter_chat", "fechatter_notify"):
        async with world.database.connect(role) as sql:
            for table in ("held_content", "held_chats", "held_files"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await sql.execute(f"SELECT FROM {table}")


@pytest.mark.parametrize("level", ["repeatable_read", "serializable"])
async def test_a_snapshot_older_than_a_hold_does_not_get_round_it(world: World, level: Any) -> None:
    message = await world.post("first")
    operator = await world.connect()
    transaction = operator.transaction(isolation=level)
    await transaction.start()
    assert await operator.fetchval("SELECT count(*) FROM holds") == 0  # takes the snapshot
    await place(world, user_id=world.alice)
    for loss in ("UPDATE messages SET content = 'other'", "UPDATE messages SET deleted_at = now()"):
        with pytest.raises(asyncpg.SerializationError):
            async with operator.transaction():
                await operator.execute(f"{loss} WHERE id = $1", message)
    await transaction.rollback()
    # One that sees the hold may still not see who has joined a chat since: it is refused as a whole.
    with pytest.raises(asyncpg.PostgresError, match="sees it as it was"):
        async with operator.transaction(isolation=level):
            await operator.execute("UPDATE messages SET content = 'other' WHERE id = $1", message)
    await operator.execute("UPDATE messages SET content = 'other' WHERE id = $1", message)
    assert await kept(world) == [(message, 1, "first", "edited")]
    with pytest.raises(asyncpg.PostgresError, match="stays"):
        await world.sql.execute("DELETE FROM hold_changes")
