"""Much at once: the log takes it, and its lock is not held for long."""

import pytest

from tests.sql.world import World

pytestmark = pytest.mark.slow

CROWD = 2000


async def add_crowd(world: World) -> None:
    await world.sql.execute(
        f"INSERT INTO users (email, fullname, password_hash) "
        f"SELECT 'u' || n || '@example.com', 'U' || n, '' FROM generate_series(1, {CROWD}) n"
    )
    await world.sql.execute(
        "INSERT INTO workspace_members (workspace_id, user_id) SELECT $1, id FROM users WHERE email LIKE 'u%'",
        world.acme,
    )
    await world.events()


async def test_two_thousand_members_come_and_go_in_one_statement_each(world: World) -> None:
    await add_crowd(world)
    await world.sql.execute(
        "INSERT INTO chat_members (chat_id, user_id) SELECT $1, id FROM users WHERE email LIKE 'u%'", world.group
    )
    events = await world.events()
    assert [event.kind for event in events] == ["NewChat", "UserJoinedChat"] * CROWD
    assert {event.payload["member_count"] for event in events} == {CROWD + 3}
    assert len({event.user_id for event in events}) == CROWD
    await world.post(sender=world.bob)
    await world.events()
    await world.sql.execute("DELETE FROM chat_members WHERE chat_id = $1 AND user_id > $2", world.group, world.eve)
    events = await world.events()
    assert [event.kind for event in events] == ["UserLeftChat"] * CROWD
    assert await world.rows("SELECT member_count FROM chats") == [(3,)]


async def test_a_workspace_of_thousands_can_be_deleted(world: World) -> None:
    await add_crowd(world)
    await world.sql.execute(
        "INSERT INTO chat_members (chat_id, user_id) SELECT $1, id FROM users WHERE email LIKE 'u%'", world.group
    )
    await world.events()
    await world.sql.execute("DELETE FROM workspaces")
    kinds = [event.kind for event in await world.events()]
    assert (kinds.count("WorkspaceDeleted"), kinds.count("ChatDeleted")) == (CROWD + 4, CROWD + 3)
    assert len(kinds) == 2 * CROWD + 7


async def test_thousands_of_messages_in_one_statement(world: World) -> None:
    await world.sql.execute(
        f"INSERT INTO messages (chat_id, sender_id, content) SELECT $1, $2, n::text FROM generate_series(1, {CROWD}) n",
        world.group,
        world.alice,
    )
    events = await world.events()
    assert [event.payload["seq"] for event in events] == list(range(1, CROWD + 1))
    assert [event.payload["content"] for event in events] == [str(n) for n in range(1, CROWD + 1)]
