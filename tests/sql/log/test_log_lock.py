"""The log's lock, which everybody's COMMIT waits for: events are gathered before it, and appended at once under it."""

import asyncio
import json

import pytest

from chat_core.database.pool import Connection
from tests.sql.world import World, blocked

pytestmark = pytest.mark.postgres_15

# Every deferred trigger but the one that takes the lock.
GATHER = """
    SELECT format('SET CONSTRAINTS %s IMMEDIATE', string_agg(DISTINCT quote_ident(tgname), ', '))
    FROM pg_trigger WHERE tgdeferrable AND NOT tgisinternal AND tgname <> 'p99_flush'
"""
LOCK = "SELECT pg_advisory_xact_lock(hashtext('fechatter.log'))"
LOCKED = """
    SELECT EXISTS (SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'
                   AND (classid::bigint << 32 | objid::bigint) = hashtext('fechatter.log'))
"""
CALLS = (
    "SELECT funcname, calls FROM pg_stat_xact_user_functions WHERE funcname ~ '^(log_flush|log_lock|log_redact|tell_)'"
)

# Statements that each change many rows of what the log follows.
MANY = {
    "posts": """INSERT INTO messages (chat_id, sender_id, content)
                SELECT {group}, {alice}, 'x' FROM generate_series(1, 9)""",
    "edits": "UPDATE messages SET content = content || '!'",
    "deletions": "UPDATE messages SET deleted_at = now()",
    "removals": "DELETE FROM messages",
    "retention": "UPDATE chats SET first_seq = 5 WHERE id = {group}",
    "reactions": """INSERT INTO message_reactions (message_id, user_id, emoji)
                    SELECT (SELECT min(id) FROM messages), user_id, '👍' FROM chat_members WHERE chat_id = {group}""",
    "read markers": "UPDATE chat_members SET last_read_seq = 1",
    "choices": "UPDATE chat_members SET notification_level = 'none'",
    "roles": "UPDATE chat_members SET role = 'owner'",
    "joins": """INSERT INTO chat_members (chat_id, user_id)
                SELECT {other}, user_id FROM chat_members WHERE chat_id = {group} ON CONFLICT DO NOTHING""",
    "departures": "DELETE FROM chat_members WHERE role = 'member'",
    "drafts": "INSERT INTO drafts (chat_id, user_id, content) SELECT chat_id, user_id, 'x' FROM chat_members",
    "thread drafts": """INSERT INTO thread_drafts (thread_id, user_id, content)
                        SELECT (SELECT min(id) FROM messages), user_id, 'x'
                        FROM chat_members WHERE chat_id = {group}""",
    "profiles": "UPDATE users SET fullname = fullname || '!'",
    "workspace roles": "UPDATE workspace_members SET role = 'owner'",
    "workspace departures": "DELETE FROM workspace_members WHERE role = 'member'",
    "boards": "UPDATE documents SET name = name || '!'",
    "board deletions": "UPDATE documents SET deleted_at = now()",
    "board members": """INSERT INTO document_members (document_id, user_id, role)
                        SELECT {board}, user_id, 'viewer' FROM chat_members WHERE chat_id = {group}
                        ON CONFLICT DO NOTHING""",
    "board roles": "UPDATE document_members SET role = 'owner'",
    "board departures": "DELETE FROM document_members WHERE role <> 'owner'",
    "invites": """INSERT INTO invites (chat_id, role, token_hash, created_by, expires_at)
                  SELECT {group}, 'member', sha256(n::text::bytea), {alice}, now() + interval '1 day'
                  FROM generate_series(1, 9) n""",
    "versions": """INSERT INTO document_versions (document_id, name, seq, state)
                   SELECT {board}, n::text, 0, '\\x0000' FROM generate_series(1, 9) n""",
    "chats": "DELETE FROM chats",
    "a user": "DELETE FROM workspace_members WHERE user_id = {bob}",
    "a workspace": "DELETE FROM workspaces WHERE id = {acme}",
}


async def crowded(world: World) -> dict[str, int]:
    """A crowd in the group, messages there, another chat of alice, and boards; eve has a workspace of her own."""
    await world.add_crowd(20)
    for _ in range(9):
        await world.post()
    for _ in range(2):
        board = await world.add_board("alice", "bob", "carol")
    async with world.sql.transaction():
        own = await world.sql.fetchval("INSERT INTO workspaces (name) VALUES ('elsewhere') RETURNING id")
        await world.sql.execute("INSERT INTO workspace_members VALUES ($1, $2, 'owner')", own, world.eve)
    other = await world.add_chat("Group", "alice")
    return {**world.people, "acme": world.acme, "group": world.group, "other": other, "board": board, "own": own}


async def calls(sql: Connection) -> dict[str, int]:
    return {row["funcname"]: row["calls"] for row in await sql.fetch(CALLS)}


async def test_nobody_waits_while_many_events_are_gathered(world: World) -> None:
    """And what is done under the lock is done once, for all rows together."""
    names = await crowded(world)
    gather = await world.sql.fetchval(GATHER)
    await world.sql.execute("SET track_functions = 'all'")
    elsewhere = await world.connect()
    await elsewhere.execute("SET lock_timeout = '1s'")
    for what, statement in MANY.items():
        await world.sql.execute(f"BEGIN; {statement.format(**names)}")
        before = await calls(world.sql)
        await world.sql.execute(gather)
        assert not await world.sql.fetchval(LOCKED), what
        assert await world.sql.fetchval("SELECT count(*) FROM log_pending") >= 2, what
        await elsewhere.execute("SELECT create_chat($1, $2, 'Group', $3, '', '{}')", world.eve, names["own"], what)
        await world.sql.execute("SET CONSTRAINTS ALL IMMEDIATE")
        assert await world.sql.fetchval(LOCKED), what
        done = {name: amount - before.get(name, 0) for name, amount in (await calls(world.sql)).items()}
        assert done.pop("log_redact_snapshots", 0) in (0, 2), what  # before the lock and under it
        assert done.pop("log_flush") == 1, what
        assert {*done.values()} <= {0, 1}, f"{what}: {done}"
        assert await world.sql.fetchval("SELECT count(*) FROM log_pending") == 0, what
        await world.sql.execute("ROLLBACK")


async def test_who_joins_and_leaves_in_one_transaction_was_never_there(world: World) -> None:
    join = f"INSERT INTO chat_members (chat_id, user_id) VALUES ({world.group}, {world.dave});"
    leave = f"DELETE FROM chat_members WHERE user_id = {world.dave};"
    told = {
        join + leave: [],
        join: ["NewChat", "UserJoinedChat"],
        leave + join: ["UserLeftChat", "NewChat", "UserJoinedChat"],
        leave + join + leave: ["UserLeftChat"],
        join + leave + join: ["NewChat", "UserJoinedChat", "UserJoinedChat"],
    }
    for transaction, kinds in told.items():
        await world.sql.execute(f"BEGIN; {transaction} COMMIT")
        assert [event.kind for event in await world.events()] == kinds, transaction


async def test_of_a_place_that_is_made_and_deleted_in_one_transaction_nobody_hears(world: World) -> None:
    async with world.sql.transaction():
        chat, board = await world.add_chat("Group", "alice", "bob"), await world.add_board("alice", "bob")
        await world.sql.execute("DELETE FROM chats WHERE id = $1", chat)
        await world.sql.execute("UPDATE documents SET deleted_at = now() WHERE id = $1", board)
        await world.sql.execute("DELETE FROM documents WHERE id = $1", board)
    assert await world.events() == []
    await world.add_board("alice", "bob")
    await world.events()
    async with world.sql.transaction():
        for deleted_at in ("now()", "NULL", "now()"):
            await world.sql.execute(f"UPDATE documents SET deleted_at = {deleted_at}")
    assert [event.kind for event in await world.events()] == ["BoardDeleted"] * 2


async def test_snapshots_of_long_messages_are_small(world: World) -> None:
    for number in range(20):
        await world.post(f"{number:04}" * 2000)
    await world.events()
    await world.sql.execute("INSERT INTO chat_members (chat_id, user_id) VALUES ($1, $2)", world.group, world.dave)
    new_chat = (await world.events())[0]
    assert [message["seq"] for message in new_chat.payload["messages"]] == [18, 19, 20]
    assert len(json.dumps(new_chat.payload)) < 36_000


async def test_all_who_join_at_once_share_a_bound(world: World) -> None:
    for number in range(20):
        await world.post(f"{number:04}" * 2000)
    await world.events()
    await world.add_crowd(150)
    told = [event.payload for event in await world.events() if event.kind == "NewChat"]
    assert len(told) == 150
    assert {len(chat["messages"]) for chat in told} == {0}
    assert {(chat["first_seq"], chat["last_seq"]) for chat in told} == {(1, 20)}
    await world.post("short")
    await world.events()
    await world.sql.execute("DELETE FROM chat_members WHERE role = 'member'")
    await world.events()
    await world.sql.execute(
        "INSERT INTO chat_members (chat_id, user_id) SELECT $1, user_id FROM workspace_members ON CONFLICT DO NOTHING",
        world.group,
    )
    told = [event.payload for event in await world.events() if event.kind == "NewChat"]
    assert {tuple(message["content"] for message in chat["messages"]) for chat in told} == {("short",)}


async def contents(world: World) -> str:
    """All that the log says."""
    return str(await world.sql.fetchval("SELECT string_agg(payload::text, ' ') FROM events"))


@pytest.mark.parametrize("how", ["DELETE FROM messages", "UPDATE messages SET deleted_at = now()"])
async def test_a_message_leaves_the_snapshot_of_who_joins_just_before(world: World, how: str) -> None:
    await world.post("secret")
    joining, deleting = await world.connect(), await world.connect()
    await joining.execute(
        f"BEGIN; INSERT INTO chat_members (chat_id, user_id) VALUES ({world.group}, {world.dave})",
    )
    await deleting.execute(f"BEGIN; {how}")
    await world.commit_together(joining, deleting)
    kinds = [event.kind for event in await world.events()]
    assert kinds == ["NewMessage", "NewChat", "UserJoinedChat", "MessageDeleted"]
    assert "secret" not in await contents(world)


async def test_two_deletions_take_their_messages_out_of_the_same_snapshot(world: World) -> None:
    first, second = await world.post("secret one"), await world.post("secret two")
    await world.post("kept")
    await world.sql.execute("INSERT INTO chat_members (chat_id, user_id) VALUES ($1, $2)", world.group, world.dave)
    one, other = await world.connect(), await world.connect()
    await one.execute(f"BEGIN; DELETE FROM messages WHERE id = {first}")
    await other.execute(f"BEGIN; DELETE FROM messages WHERE id = {second}")
    await world.commit_together(one, other)
    [snapshot] = [event for event in await world.events() if event.kind == "NewChat" and event.user_id == world.dave]
    assert [message["content"] for message in snapshot.payload["messages"]] == ["", "", "kept"]
    assert "secret" not in await contents(world)


async def test_two_deletions_do_not_wait_for_each_other_about_who_joins_between_them(world: World) -> None:
    """One has looked through the snapshots and waits for the log's lock; the other would find one more."""
    first, second = await world.post("secret one"), await world.post("secret two")
    gate, joining, behind, one, other = [await world.connect() for _ in range(5)]

    async def begin(sql: Connection, statement: str, waiting: str) -> asyncio.Task[str]:
        await sql.execute(f"BEGIN; {statement}")
        task = asyncio.create_task(sql.execute(waiting))
        await blocked(world, sql)
        return task

    await gate.execute(f"BEGIN; {LOCK}")
    join = f"INSERT INTO chat_members (chat_id, user_id) VALUES ({world.group}, {world.dave})"
    joined = await begin(joining, join, "COMMIT")
    held = await begin(behind, "SELECT 1", LOCK)
    done = await begin(one, f"DELETE FROM messages WHERE id = {first}", "COMMIT")
    await gate.execute("COMMIT")
    await asyncio.gather(joined, held)
    done_too = await begin(other, f"DELETE FROM messages WHERE id = {second}", "COMMIT")
    await behind.execute("COMMIT")
    await asyncio.gather(done, done_too)
    assert "secret" not in await contents(world)


async def test_what_one_transaction_says_and_takes_back_is_not_in_the_log(world: World) -> None:
    for how in ("DELETE FROM messages", "UPDATE messages SET deleted_at = now() WHERE deleted_at IS NULL"):
        async with world.sql.transaction():
            await world.post("secret")
            await world.sql.execute("UPDATE messages SET content = 'secret too' WHERE deleted_at IS NULL")
            await world.sql.execute(how)
        assert [event.kind for event in await world.events()] == ["NewMessage", "MessageUpdated", "MessageDeleted"]
    async with world.sql.transaction():
        await world.sql.execute(
            "INSERT INTO drafts (chat_id, user_id, content) VALUES ($1, $2, 'secret')", world.group, world.bob
        )
        await world.sql.execute("UPDATE drafts SET content = 'Dear all'")
    assert [event.payload["draft"] and event.payload["draft"]["content"] for event in await world.events()] == [
        None,
        "Dear all",
    ]
    assert "secret" not in await contents(world)


async def test_a_savepoint_takes_back_what_was_gathered_in_it(world: World) -> None:
    async with world.sql.transaction():
        savepoint = world.sql.transaction()
        await savepoint.start()
        await world.post("taken back")
        await world.sql.execute(await world.sql.fetchval(GATHER))
        await savepoint.rollback()
        await world.post("kept")
    assert [event.payload["content"] for event in await world.events()] == ["kept"]
