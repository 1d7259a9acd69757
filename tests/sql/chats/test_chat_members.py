"""chat_members: its events, its counts, and that a chat keeps an owner."""

import asyncio

import asyncpg
import pytest

from tests.sql.world import World, blocked

MEMBER = [
    *(
        "chat_id",
        "user_id",
        "username",
        "fullname",
        "avatar",
        "status",
        "custom_status",
        "role",
        "silenced_until",
        "joined_at",
    ),
    "last_read_seq",
]
NEW_CHAT = [
    *("id", "workspace_id", "type", "name", "description", "has_password", "archived_at", "retention_days"),
    *(
        "role",
        "silenced_until",
        "member_count",
        "first_seq",
        "first_message_id",
        "last_seq",
        "last_read_seq",
        "unread",
        "mention_count",
        "unread_mentions",
    ),
    *("notification_level", "muted_until", "created_at", "updated_at", "draft", "members", "messages"),
    *("pinned_message_ids", "bans", "invites"),
]
ADD = "INSERT INTO chat_members (chat_id, user_id) VALUES ($1, $2)"


async def test_who_joins_gets_the_chat_and_the_members_the_newcomer(world: World) -> None:
    messages = [await world.post(content) for content in ("one", "two")]
    await world.events()
    await world.sql.execute(ADD, world.group, world.dave)
    new_chat, joined = await world.events()
    assert new_chat.about() == ("NewChat", "user", world.group, world.dave, None)
    assert list(new_chat.payload) == NEW_CHAT
    assert new_chat.payload["role"] == "member"
    assert [new_chat.payload[key] for key in ("member_count", "last_seq", "last_read_seq", "unread")] == [4, 2, 2, 0]
    assert [message["id"] for message in new_chat.payload["messages"]] == messages
    everybody = [world.alice, world.bob, world.carol, world.dave]
    assert [member["user_id"] for member in new_chat.payload["members"]] == everybody
    assert joined.about() == ("UserJoinedChat", "chat", world.group, world.dave, None)
    assert list(joined.payload) == [*MEMBER, "member_count"]
    assert (joined.payload["fullname"], joined.payload["member_count"]) == ("Dave", 4)


async def test_of_a_large_chat_the_member_list_is_left_out(world: World) -> None:
    await world.sql.execute(
        "WITH crowd AS (INSERT INTO users (email, fullname, password_hash) "
        "  SELECT 'u' || n || '@example.com', 'U', '' FROM generate_series(1, 100) n RETURNING id), "
        "present AS (INSERT INTO workspace_members (workspace_id, user_id) SELECT $1, id FROM crowd) "
        "SELECT 1",
        world.acme,
    )
    await world.events()
    await world.sql.execute("INSERT INTO chat_members (chat_id, user_id) SELECT $1, max(id) FROM users", world.group)
    new_chat, _ = await world.events()
    assert len(new_chat.payload["members"]) == 4
    await world.sql.execute(
        "INSERT INTO chat_members (chat_id, user_id) SELECT $1, user_id FROM workspace_members "
        "WHERE user_id NOT IN (SELECT user_id FROM chat_members)",
        world.group,
    )
    new_chat, joined = (await world.events())[:2]
    assert new_chat.payload["members"] is None
    assert new_chat.payload["member_count"] == joined.payload["member_count"] == 104


async def test_a_role_that_changes_is_told(world: World) -> None:
    await world.sql.execute("UPDATE chat_members SET role = 'admin' WHERE user_id = $1", world.bob)
    event, _for_admins = await world.events()
    assert event.about() == ("ChatMemberUpdated", "chat", world.group, world.bob, None)
    assert list(event.payload) == MEMBER
    assert event.payload["role"] == "admin"
    await world.sql.execute("UPDATE chat_members SET role = role, joined_at = now()")
    assert await world.events() == []


@pytest.mark.parametrize(("members", "audience"), [(100, "chat"), (101, "user")])
async def test_a_read_marker_is_told_to_all_who_have_the_list_of_members(
    world: World, members: int, audience: str
) -> None:
    await world.post()
    await world.add_crowd(members - 3)
    await world.events()
    await world.sql.execute("UPDATE chat_members SET last_read_seq = 1 WHERE user_id = $1", world.bob)
    [event] = await world.events()
    assert event.about() == ("ReadMarkerMoved", audience, world.group, world.bob, None)
    told = {"chat_id": world.group, "user_id": world.bob, "last_read_seq": 1, "unread_mentions": []}
    assert event.payload == told
    await world.sql.execute("UPDATE chat_members SET last_read_seq = last_read_seq")
    assert await world.events() == []


@pytest.mark.postgres_15
async def test_who_leaves_a_chat_of_101_lets_the_markers_that_commit_after_that_be_told_to_all(world: World) -> None:
    """The size that counts is the one at the marker's place in the log, not the one its transaction has seen."""
    await world.add_crowd(98)
    await world.post()
    await world.events()
    leave, read = await world.connect(), await world.connect()
    await leave.execute(f"BEGIN; DELETE FROM chat_members WHERE user_id = {world.carol}")
    await read.execute(f"BEGIN; UPDATE chat_members SET last_read_seq = 1 WHERE user_id = {world.bob}")
    await world.commit_together(leave, read)
    left, marked = await world.events()
    assert (left.kind, left.payload["member_count"]) == ("UserLeftChat", 100)
    assert marked.about() == ("ReadMarkerMoved", "chat", world.group, world.bob, None)


async def test_when_a_marker_has_moved_is_kept(world: World) -> None:
    reading = "SELECT read_at FROM chat_members WHERE user_id = $1"
    assert await world.sql.fetchval(reading, world.bob) is None
    await world.post()
    await world.post(sender=world.carol)
    assert await world.sql.fetchval(reading, world.carol) == await world.sql.fetchval(
        "SELECT max(created_at) FROM messages"
    )
    await world.sql.execute("UPDATE chat_members SET last_read_seq = 1 WHERE user_id = $1", world.bob)
    read_at = await world.sql.fetchval(reading, world.bob)
    assert read_at > await world.sql.fetchval(reading, world.carol)
    await world.sql.execute("UPDATE chat_members SET last_read_seq = 1, role = 'admin' WHERE user_id = $1", world.bob)
    assert await world.sql.fetchval(reading, world.bob) == read_at


async def test_how_somebody_wants_to_hear_of_a_chat_is_told_to_them(world: World) -> None:
    await world.sql.execute(
        "UPDATE chat_members SET notification_level = 'none', muted_until = '2030-01-01 01:00+01' WHERE user_id = $1",
        world.bob,
    )
    [event] = await world.events()
    assert event.about() == ("ChatNotificationsChanged", "user", world.group, world.bob, None)
    assert event.payload == {
        "chat_id": world.group,
        "user_id": world.bob,
        "notification_level": "none",
        "muted_until": "2030-01-01T00:00:00+00:00",
    }
    await world.sql.execute("UPDATE chat_members SET notification_level = 'none' WHERE user_id = $1", world.bob)
    assert await world.events() == []


async def test_who_leaves_is_told_to_all(world: World) -> None:
    await world.sql.execute("DELETE FROM chat_members WHERE user_id = $1", world.bob)
    [event] = await world.events()
    assert event.about() == ("UserLeftChat", "chat", world.group, world.bob, None)
    assert event.payload == {"chat_id": world.group, "user_id": world.bob, "member_count": 2}


async def test_joining_and_leaving_in_one_transaction(world: World) -> None:
    async with world.sql.transaction():
        await world.sql.execute(ADD, world.group, world.dave)
        await world.sql.execute("DELETE FROM chat_members WHERE user_id = $1", world.dave)
    assert {event.kind for event in await world.events()} <= {"UserLeftChat"}
    async with world.sql.transaction():
        await world.sql.execute("DELETE FROM chat_members WHERE user_id = $1", world.bob)
        await world.sql.execute(ADD, world.group, world.bob)
    assert [event.kind for event in await world.events()] == ["UserLeftChat", "NewChat", "UserJoinedChat"]


async def test_a_chat_made_and_deleted_in_one_transaction_is_new_to_nobody(world: World) -> None:
    async with world.sql.transaction():
        chat = await world.add_chat("Group", "alice", "bob")
        await world.sql.execute("DELETE FROM chats WHERE id = $1", chat)
    assert {event.kind for event in await world.events()} <= {"ChatDeleted"}


@pytest.mark.postgres_15
async def test_a_rename_and_a_new_member_who_commit_together_are_told_alike(world: World) -> None:
    rename, join = await world.connect(), await world.connect()
    message = await world.post("old")
    await world.events()
    await rename.execute(
        f"BEGIN; UPDATE users SET fullname = 'Alicia' WHERE id = {world.alice};"
        f"UPDATE messages SET content = 'new' WHERE id = {message}"
    )
    await join.execute(f"BEGIN; INSERT INTO chat_members (chat_id, user_id) VALUES ({world.group}, {world.dave})")
    await world.commit_together(rename, join)
    *_, new_chat, _ = await world.events()
    assert new_chat.payload["members"][0]["fullname"] == "Alicia"
    assert new_chat.payload["messages"][0]["content"] == "new"


async def test_counts_follow_every_way_of_writing(world: World) -> None:
    second = await world.add_chat("Group", "alice")
    third = await world.add_chat("Group", "alice", "bob", "carol", "dave")
    counts = "SELECT member_count FROM chats WHERE id = ANY ($1) ORDER BY id"
    for statement, expected in (
        (
            f"INSERT INTO chat_members (chat_id, user_id) SELECT id, {world.dave} FROM chats ON CONFLICT DO NOTHING",
            [4, 2, 4],
        ),
        (
            f"INSERT INTO chat_members (chat_id, user_id) VALUES ({second}, {world.dave}), ({second}, {world.bob}) "
            "ON CONFLICT (chat_id, user_id) DO UPDATE SET role = 'admin'",
            [4, 3, 4],
        ),
        (
            "MERGE INTO chat_members m "
            "USING (SELECT chats.id, users.id AS person FROM chats, users WHERE fullname <> 'Eve') s "
            "ON m.chat_id = s.id AND m.user_id = s.person "
            f"WHEN MATCHED AND m.chat_id = {third} AND m.role = 'member' THEN DELETE "
            "WHEN MATCHED THEN UPDATE SET joined_at = now() "
            "WHEN NOT MATCHED THEN INSERT (chat_id, user_id) VALUES (s.id, s.person)",
            [4, 4, 1],
        ),
        (
            f"WITH gone AS (DELETE FROM chat_members WHERE chat_id = {second} AND user_id = {world.dave}) "
            f"INSERT INTO chat_members (chat_id, user_id) VALUES ({third}, {world.dave}), ({third}, {world.bob})",
            [4, 3, 3],
        ),
        (f"DELETE FROM workspace_members WHERE user_id IN ({world.bob}, {world.dave})", [2, 2, 1]),
        (f"DELETE FROM users WHERE id = {world.carol}", [1, 1, 1]),
    ):
        await world.sql.execute(statement)
        found = [row[0] for row in await world.sql.fetch(counts, [world.group, second, third])]
        assert found == expected, statement
        real = "SELECT bool_and(member_count = (SELECT count(*) FROM chat_members WHERE chat_id = chats.id)) FROM chats"
        assert await world.sql.fetchval(real), statement


async def test_members_come_by_copy_too(world: World) -> None:
    await world.sql.copy_records_to_table(
        "chat_members", columns=["chat_id", "user_id"], records=[(world.group, world.dave)]
    )
    assert [event.kind for event in await world.events()] == ["NewChat", "UserJoinedChat"]
    assert await world.sql.fetchval("SELECT member_count FROM chats") == 4


@pytest.mark.postgres_15
@pytest.mark.parametrize(
    "statement", ["DELETE FROM chat_members WHERE role = 'owner'", "UPDATE chat_members SET role = 'member'"]
)
async def test_a_chat_keeps_an_owner(world: World, statement: str) -> None:
    with pytest.raises(asyncpg.PostgresError, match="without an owner") as error:
        await world.sql.execute(statement)
    assert (error.value.sqlstate, error.value.constraint_name) == ("FC409", "chat_keeps_owner")
    assert await world.events() == []


LEAVE = "DELETE FROM chat_members WHERE user_id = {}"
DEMOTE = "UPDATE chat_members SET role = 'member' WHERE user_id = {}"


@pytest.mark.postgres_15
@pytest.mark.parametrize("isolation", ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])
@pytest.mark.parametrize("statements", [(LEAVE, LEAVE), (DEMOTE, DEMOTE), (LEAVE, DEMOTE), (DEMOTE, LEAVE)])
async def test_of_two_owners_who_go_at_once_one_stays(
    world: World, isolation: str, statements: tuple[str, str]
) -> None:
    await world.sql.execute("UPDATE chat_members SET role = 'owner' WHERE user_id = $1", world.bob)
    first, second = await world.connect(), await world.connect()
    for connection in (first, second):
        await connection.execute(f"BEGIN ISOLATION LEVEL {isolation}; SELECT FROM chat_members")
    await first.execute(statements[0].format(world.alice))
    waiting = asyncio.create_task(second.execute(statements[1].format(world.bob)))
    await blocked(world, second)
    failures = []
    for step in (first.execute("COMMIT"), waiting, second.execute("COMMIT")):
        try:
            await step
        except asyncpg.PostgresError as error:
            failures.append(error.sqlstate)
    assert failures
    assert await world.sql.fetchval("SELECT count(*) FROM chat_members WHERE role = 'owner'") >= 1


async def test_the_key_is_final(world: World) -> None:
    for column in ("chat_id", "user_id", "workspace_id"):
        with pytest.raises(asyncpg.PostgresError) as error:
            await world.sql.execute(f"UPDATE chat_members SET {column} = {column} + 100")
        assert (error.value.sqlstate, error.value.constraint_name) == ("FC409", "key_is_final")


async def test_members_come_from_the_chats_workspace(world: World) -> None:
    """Whatever workspace the row names."""
    other = await world.sql.fetchval("INSERT INTO workspaces (name) VALUES ('other') RETURNING id")
    await world.sql.execute("INSERT INTO workspace_members VALUES ($1, $2, 'owner')", other, world.eve)
    for workspace in (world.acme, other):
        with pytest.raises(asyncpg.ForeignKeyViolationError, match="chat_members_in_workspace"):
            await world.sql.execute(
                "INSERT INTO chat_members (chat_id, user_id, workspace_id) VALUES ($1, $2, $3)",
                world.group,
                world.eve,
                workspace,
            )
    with pytest.raises(asyncpg.ForeignKeyViolationError, match="there is no chat 999"):
        await world.sql.execute(ADD, 999, world.dave)
