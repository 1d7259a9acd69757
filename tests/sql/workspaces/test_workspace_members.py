"""workspace_members: its events, and that a workspace keeps an owner."""

import asyncio

import asyncpg
import pytest

from tests.sql.world import World, blocked

MEMBER = ["workspace_id", "user_id", "username", "fullname", "avatar", "status", "custom_status", "role", "joined_at"]


async def test_who_joins_is_told_to_all_with_the_workspace_for_the_newcomer(world: World) -> None:
    await world.sql.execute("INSERT INTO workspace_members VALUES ($1, $2, 'admin')", world.acme, world.eve)
    [event] = await world.events()
    assert event.about() == ("WorkspaceMemberJoined", "workspaces", None, world.eve, [world.acme])
    assert list(event.payload) == [*MEMBER, "workspace"]
    assert event.payload["role"] == "admin"
    workspace = event.payload["workspace"]
    assert list(workspace) == [
        *(
            "id",
            "name",
            "description",
            "retention_days",
            "show_emails",
            "link_previews",
            "public_publishing",
            "icon",
            "role",
            "created_at",
            "updated_at",
        )
    ]
    assert (workspace["id"], workspace["name"], workspace["role"]) == (world.acme, "acme", "admin")


async def test_a_role_that_changes_is_told(world: World) -> None:
    await world.sql.execute("UPDATE workspace_members SET role = 'admin' WHERE user_id = $1", world.carol)
    [event] = await world.events()
    assert event.about() == ("WorkspaceMemberUpdated", "workspaces", None, world.carol, [world.acme])
    assert list(event.payload) == MEMBER
    assert event.payload["role"] == "admin"
    await world.sql.execute("UPDATE workspace_members SET role = role")
    await world.sql.execute("UPDATE workspace_members SET joined_at = now()")
    assert await world.events() == []


async def test_who_leaves_leaves_the_chats_too_and_their_single_chats_go(world: World) -> None:
    single = await world.add_chat("Single", "bob", "carol")
    await world.events()
    await world.sql.execute("DELETE FROM workspace_members WHERE user_id = $1", world.carol)
    events = await world.events()
    assert sorted(event.about()[:4] for event in events) == sorted(
        [
            ("ChatDeleted", "user", single, world.bob),
            ("ChatDeleted", "user", single, world.carol),
            ("WorkspaceMemberLeft", "workspaces", None, world.carol),
            ("UserLeftChat", "chat", world.group, world.carol),
        ]
    )
    [left] = [event for event in events if event.kind == "WorkspaceMemberLeft"]
    assert left.workspace_ids == [world.acme]
    assert left.payload == {"workspace_id": world.acme, "user_id": world.carol}
    [left] = [event for event in events if event.kind == "UserLeftChat"]
    assert left.payload == {"chat_id": world.group, "user_id": world.carol, "member_count": 2}
    assert await world.rows("SELECT id, member_count FROM chats") == [(world.group, 2)]


async def test_who_joins_and_leaves_in_one_transaction_never_was_there(world: World) -> None:
    async with world.sql.transaction():
        await world.sql.execute("INSERT INTO workspace_members VALUES ($1, $2)", world.acme, world.eve)
        await world.sql.execute("DELETE FROM workspace_members WHERE user_id = $1", world.eve)
    assert "WorkspaceMemberJoined" not in [event.kind for event in await world.events()]


@pytest.mark.postgres_15
@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM workspace_members WHERE role = 'owner'", "UPDATE workspace_members SET role = 'member'"],
)
async def test_a_workspace_keeps_an_owner(world: World, statement: str) -> None:
    await world.add_chat("Group", "bob", "carol")
    await world.sql.execute("UPDATE chat_members SET role = 'owner'")
    await world.events()
    with pytest.raises(asyncpg.PostgresError, match="without an owner") as error:
        await world.sql.execute(statement)
    assert (error.value.sqlstate, error.value.constraint_name) == ("FC409", "workspace_keeps_owner")
    assert await world.events() == []


async def test_ownership_can_be_handed_over_in_one_transaction(world: World) -> None:
    async with world.sql.transaction():
        await world.sql.execute("UPDATE workspace_members SET role = 'member' WHERE user_id = $1", world.alice)
        await world.sql.execute("UPDATE workspace_members SET role = 'owner' WHERE user_id = $1", world.bob)


LEAVE = "DELETE FROM workspace_members WHERE user_id = {}"
DEMOTE = "UPDATE workspace_members SET role = 'member' WHERE user_id = {}"


@pytest.mark.postgres_15
@pytest.mark.parametrize("isolation", ["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"])
@pytest.mark.parametrize("statements", [(LEAVE, LEAVE), (DEMOTE, DEMOTE), (LEAVE, DEMOTE)])
async def test_of_two_owners_who_go_at_once_one_stays(
    world: World, isolation: str, statements: tuple[str, str]
) -> None:
    await world.sql.execute("UPDATE workspace_members SET role = 'owner' WHERE user_id = $1", world.bob)
    await world.sql.execute("UPDATE chat_members SET role = 'owner' WHERE user_id = $1", world.carol)
    first, second = await world.connect(), await world.connect()
    for connection in (first, second):
        await connection.execute(f"BEGIN ISOLATION LEVEL {isolation}; SELECT FROM workspace_members")
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
    assert await world.sql.fetchval("SELECT count(*) FROM workspace_members WHERE role = 'owner'") >= 1


async def test_the_key_is_final(world: World) -> None:
    for column in ("workspace_id", "user_id"):
        with pytest.raises(asyncpg.PostgresError) as error:
            await world.sql.execute(f"UPDATE workspace_members SET {column} = {column} + 100")
        assert (error.value.sqlstate, error.value.constraint_name) == ("FC409", "key_is_final")


@pytest.mark.parametrize(
    ("roles", "heir"),
    [
        pytest.param({"bob": "member", "carol": "admin"}, "carol", id="the-higher-role"),
        pytest.param({"bob": "member", "carol": "member"}, "bob", id="the-longer-there"),
        pytest.param({"bob": "admin", "carol": "member", "inactive": "bob"}, "carol", id="an-active-account"),
        pytest.param({"bob": "owner", "carol": "admin"}, "bob", id="who-is-an-owner-already"),
    ],
)
async def test_chats_of_who_leaves_are_passed_on(world: World, roles: dict[str, str], heir: str) -> None:
    chat = await world.add_chat("PrivateChannel", "alice", "bob", "carol")
    await world.sql.execute("UPDATE workspace_members SET role = 'owner' WHERE user_id = $1", world.bob)
    await world.sql.execute(
        "UPDATE chat_members SET joined_at = joined_at - interval '1 day' WHERE user_id = $1", world.bob
    )
    for name in ("bob", "carol"):
        await world.sql.execute(
            "UPDATE chat_members SET role = $3 WHERE chat_id = $1 AND user_id = $2",
            chat,
            getattr(world, name),
            roles[name],
        )
    if inactive := roles.get("inactive"):
        await world.sql.execute("UPDATE users SET status = 'inactive' WHERE id = $1", getattr(world, inactive))
    await world.events()
    await world.sql.execute("DELETE FROM workspace_members WHERE user_id = $1", world.alice)
    owners = "SELECT user_id FROM chat_members WHERE chat_id = $1 AND role = 'owner'"
    assert await world.rows(owners, chat) == [(getattr(world, heir),)]
    told = [event.kind for event in await world.events() if event.chat_id == chat]
    promoted = {"owner": [], "admin": ["ChatMemberUpdated"], "member": ["ChatMemberUpdated", "ChatAdminAdded"]}
    assert told == [*promoted[roles[heir]], "UserLeftChat"]


async def test_a_chat_of_nobody_else_goes_with_who_leaves(world: World) -> None:
    chat = await world.add_chat("PublicChannel", "bob")
    await world.sql.execute("UPDATE chat_members SET role = 'owner' WHERE chat_id = $1", chat)
    await world.sql.execute("DELETE FROM workspace_members WHERE user_id = $1", world.bob)
    assert await world.rows("SELECT FROM chats WHERE id = $1", chat) == []


@pytest.mark.postgres_15
async def test_an_heir_who_leaves_at_once_passes_it_on(world: World) -> None:
    """Alice leaves to Bob what he is just leaving himself: Carol has it then."""
    chat = await world.add_chat("PrivateChannel", "alice", "bob", "carol")
    await world.sql.execute(
        "UPDATE chat_members SET role = 'admin' WHERE chat_id = $1 AND user_id = $2", chat, world.bob
    )
    await world.sql.execute("UPDATE workspace_members SET role = 'owner' WHERE user_id = $1", world.carol)
    first, second = await world.connect(), await world.connect()
    await first.execute("BEGIN")
    await first.execute(LEAVE.format(world.alice))
    waiting = asyncio.create_task(second.execute(LEAVE.format(world.bob)))
    await blocked(world, second)
    await first.execute("COMMIT")
    await waiting
    assert await world.rows("SELECT user_id, role FROM chat_members WHERE chat_id = $1", chat) == [
        (world.carol, "owner")
    ]
