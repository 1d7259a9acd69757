"""users: its events."""

import asyncio

import asyncpg
import pytest

from tests.sql.world import Event, World, blocked

SHAPE = ["id", "username", "email", "fullname", "kind", "avatar", "status", "custom_status", "created_at", "updated_at"]


def updated(world: World, event: Event) -> bool:
    return event.about() == ("UserUpdated", "contacts", None, world.carol, [world.acme])


@pytest.mark.parametrize(
    ("email", "fullname", "username"),
    [
        ("grace.hopper@example.com", "Grace", "grace.hopper"),
        ("alice@elsewhere.example", "Alice", "alice2"),
        ("Alice@third.example", "Alice", "Alice2"),
        ("..gr@c.example", "Grace", "gr"),
        ("ada+lists@example.com", "Ada", "adalists"),
        ("чат@example.com", "Grace H.", "GraceH"),
        ("чат@example.com", "Чат", "user"),
        ("here@example.com", "Here", "here2"),
        (f"{'x' * 31}-x@example.com", "X", "x" * 31),
        (f"{'x' * 40}@example.com", "X", "x" * 32),
    ],
)
async def test_who_is_given_no_name_gets_one_of_the_address(
    world: World, email: str, fullname: str, username: str
) -> None:
    insert = "INSERT INTO users (email, fullname, password_hash) VALUES ($1, $2, '') RETURNING username"
    assert await world.sql.fetchval(insert, email, fullname) == username


async def test_however_many_share_an_address_each_has_a_name(world: World) -> None:
    names = await world.rows(
        "INSERT INTO users (email, fullname, password_hash) "
        f"SELECT '{'x' * 32}@' || n || '.example', 'X', '' FROM generate_series(1, 30) n RETURNING username"
    )
    assert len({name.lower() for (name,) in names}) == 30
    assert {len(name) for (name,) in names} == {32}


async def test_two_who_sign_up_at_once_with_the_same_name(world: World) -> None:
    """Both are let in: the second takes the next name."""
    first, second = await world.connect(), await world.connect()
    await first.execute("BEGIN; SELECT create_user('Zoe', 'zoe@one.example')")
    signing_up = asyncio.create_task(second.fetchval("SELECT username FROM create_user('Zoe', 'zoe@two.example')"))
    await blocked(world, second)
    await first.execute("COMMIT")
    assert await signing_up == "zoe2"
    with pytest.raises(asyncpg.UniqueViolationError):
        await second.execute("SELECT create_user('Zoe', 'zoe@three.example', username => 'ZOE')")


async def test_a_new_user_is_no_event(world: World) -> None:
    await world.add_user("frank")
    assert await world.events() == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("username", "Caro"),
        ("fullname", "Caroline"),
        ("email", "c@example.com"),
        ("avatar", "https://x.org/c.png"),
        ("status", "suspended"),
    ],
)
async def test_a_changed_profile_is_told_to_the_users_workspaces(world: World, column: str, value: str) -> None:
    await world.sql.execute(f"UPDATE users SET {column} = $2 WHERE id = $1", world.carol, value)
    [event] = await world.events()
    assert updated(world, event)
    assert list(event.payload) == SHAPE
    assert event.payload[column] == value
    assert event.payload["updated_at"] > event.payload["created_at"]


async def test_several_columns_are_one_event_and_every_workspace_hears_of_it(world: World) -> None:
    second = await world.sql.fetchval("INSERT INTO workspaces (name) VALUES ('second') RETURNING id")
    await world.sql.execute("INSERT INTO workspace_members VALUES ($1, $2, 'owner')", second, world.carol)
    await world.events()
    await world.sql.execute("UPDATE users SET fullname = 'C', avatar = 'x' WHERE id = $1", world.carol)
    [event] = await world.events()
    assert event.workspace_ids == [world.acme, second]


async def test_what_others_do_not_see_is_no_event(world: World) -> None:
    before = await world.sql.fetchval("SELECT updated_at FROM users WHERE id = $1", world.carol)
    await world.sql.execute("UPDATE users SET password_hash = 'secret' WHERE id = $1", world.carol)
    await world.sql.execute("UPDATE users SET fullname = fullname WHERE id = $1", world.carol)
    assert await world.events() == []
    assert await world.sql.fetchval("SELECT updated_at FROM users WHERE id = $1", world.carol) == before


async def test_a_suspended_user_is_signed_out_everywhere(world: World) -> None:
    await _shut_out(world, "suspended", "suspended")


async def test_so_is_a_deactivated_one(world: World) -> None:
    await _shut_out(world, "inactive", "deactivated")


async def _shut_out(world: World, status: str, reason: str) -> None:
    sessions = [await world.add_session(world.carol) for _ in range(3)]
    await world.sql.execute(
        "UPDATE sessions SET revoked_at = now(), revoked_reason = 'logout' WHERE id = $1", sessions[0]
    )
    await world.events()
    await world.sql.execute("UPDATE users SET status = $2 WHERE id = $1", world.carol, status)
    changed, *revoked = await world.events()
    assert updated(world, changed)
    assert [event.about() for event in revoked] == [("SessionRevoked", "user", None, world.carol, None)] * 2
    assert [event.payload for event in revoked] == [
        {"session_id": session, "reason": reason} for session in sessions[1:]
    ]
    await world.sql.execute("UPDATE users SET status = 'active' WHERE id = $1", world.carol)
    [reinstated] = await world.events()
    assert updated(world, reinstated)


async def test_a_deleted_user_leaves_by_the_memberships(world: World) -> None:
    single = await world.add_chat("Single", "carol", "dave")
    session = await world.add_session(world.carol)
    await world.events()
    await world.sql.execute("DELETE FROM users WHERE id = $1", world.carol)
    events = await world.events()
    assert sorted(event.about()[:4] for event in events) == sorted(
        [
            ("ChatDeleted", "user", single, world.carol),
            ("ChatDeleted", "user", single, world.dave),
            ("SessionRevoked", "user", None, world.carol),
            ("UserLeftChat", "chat", world.group, world.carol),
            ("WorkspaceMemberLeft", "workspaces", None, world.carol),
        ]
    )
    [revoked] = [event for event in events if event.kind == "SessionRevoked"]
    assert revoked.payload == {"session_id": session, "reason": "operator"}


async def test_whoever_is_in_no_workspace_goes_without_a_word(world: World) -> None:
    await world.sql.execute("DELETE FROM users WHERE id = $1", world.eve)
    assert await world.events() == []


async def test_a_change_and_the_users_deletion_in_one_transaction(world: World) -> None:
    async with world.sql.transaction():
        await world.sql.execute("UPDATE users SET fullname = 'X' WHERE id = $1", world.carol)
        await world.sql.execute("UPDATE chat_members SET role = 'admin' WHERE user_id = $1", world.carol)
        await world.sql.execute("UPDATE workspace_members SET role = 'admin' WHERE user_id = $1", world.carol)
        await world.sql.execute("DELETE FROM users WHERE id = $1", world.carol)
    assert [event.kind for event in await world.events()] == ["UserUpdated", "WorkspaceMemberLeft", "UserLeftChat"]


async def test_a_changed_user_and_a_new_member_who_commit_together_are_told_alike(world: World) -> None:
    """Whoever is second tells what the first has done: nobody is left with the old name."""
    for order in ((0, 1), (1, 0)):
        name = f"Eve {order}"
        rename, join = await world.connect(), await world.connect()
        await world.sql.execute("DELETE FROM workspace_members WHERE user_id = $1", world.eve)
        await world.events()
        await rename.execute(f"BEGIN; UPDATE users SET fullname = '{name}' WHERE id = {world.eve}")
        await join.execute(
            f"BEGIN; INSERT INTO workspace_members (workspace_id, user_id) VALUES ({world.acme}, {world.eve})"
        )
        await world.commit_together(*((rename, join)[place] for place in order))
        events = await world.events()
        if events[0].kind == "UserUpdated":
            assert events[1].payload["fullname"] == name
        else:
            assert events[1].workspace_ids == [world.acme]
            assert events[1].payload["fullname"] == name
