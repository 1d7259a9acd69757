"""What an event does to access stands in `events.effect`, whoever made the change and however many at once."""

import pytest

from chat_core.database import migrations, scripts
from tests.sql.world import World


async def effects(world: World) -> list[tuple[str, str | None, int | None]]:
    """Since the last call: kind, effect and user of each event that is about access, or could be."""
    rows = await world.rows(
        "SELECT kind, effect, user_id FROM events WHERE position > $1 "
        "AND kind NOT IN ('UserJoinedChat', 'UserJoinedBoard', 'ChatAdminAdded', 'BoardOwnerAdded') ORDER BY position",
        world.position,
    )
    await world.events()
    return rows


SET_ROLE = "UPDATE chat_members SET role = $3 WHERE chat_id = $1 AND user_id = $2"


@pytest.mark.parametrize(
    ("before", "after", "effect"),
    [
        ("member", "admin", "promote"),
        ("member", "owner", "promote"),
        ("admin", "owner", None),
        ("owner", "admin", None),
        ("admin", "member", "demote"),
    ],
)
async def test_a_change_of_role_says_whether_it_makes_an_admin(
    world: World, before: str, after: str, effect: str | None
) -> None:
    await world.sql.execute(SET_ROLE, world.group, world.carol, before)
    await effects(world)
    await world.sql.execute(SET_ROLE, world.group, world.carol, after)
    assert await effects(world) == [("ChatMemberUpdated", effect, world.carol)]


async def test_a_member_of_a_chat_is_let_in_and_taken_out(world: World) -> None:
    chat = await world.add_chat("Group", "alice", "bob")
    assert await effects(world) == [("NewChat", "grant_admin", world.alice), ("NewChat", "grant", world.bob)]
    await world.sql.execute("DELETE FROM chat_members WHERE chat_id = $1 AND user_id = $2", chat, world.bob)
    assert await effects(world) == [("UserLeftChat", "revoke", world.bob)]
    await world.sql.execute("DELETE FROM chats WHERE id = $1", chat)
    assert await effects(world) == [("ChatDeleted", "revoke", world.alice)]


async def test_a_board_lets_in_whom_its_restoring_finds(world: World) -> None:
    board = await world.add_board("alice", "bob", "carol")
    assert await effects(world) == [
        ("NewBoard", "grant_admin", world.alice),
        ("NewBoard", "grant", world.bob),
        ("NewBoard", "grant", world.carol),
    ]
    await world.sql.execute("UPDATE document_members SET role = 'owner' WHERE document_id = $1", board)
    assert await effects(world) == [
        ("BoardMemberUpdated", "promote", world.bob),
        ("BoardMemberUpdated", "promote", world.carol),
    ]
    await world.sql.execute("UPDATE documents SET deleted_at = now() WHERE id = $1", board)
    await world.sql.execute("UPDATE document_members SET role = 'viewer' WHERE user_id = $1", world.carol)
    assert {effect for _, effect, _ in await effects(world)} == {"revoke"}
    await world.sql.execute("UPDATE documents SET deleted_at = NULL WHERE id = $1", board)
    assert await effects(world) == [
        ("BoardRestored", "grant_admin", world.alice),
        ("BoardRestored", "grant_admin", world.bob),
        ("BoardRestored", "grant", world.carol),
    ]


async def test_a_member_of_a_workspace_comes_changes_and_goes(world: World) -> None:
    change = "UPDATE workspace_members SET role = $2 WHERE workspace_id = $1 AND user_id = $3"
    await world.sql.execute("INSERT INTO workspace_members VALUES ($1, $2, 'admin')", world.acme, world.eve)
    await world.sql.execute(change, world.acme, "member", world.eve)
    await world.sql.execute(change, world.acme, "owner", world.eve)
    await world.sql.execute(
        "DELETE FROM workspace_members WHERE user_id = $1 AND workspace_id = $2", world.eve, world.acme
    )
    assert [row[:2] for row in await effects(world)] == [
        ("WorkspaceMemberJoined", "grant_admin"),
        ("WorkspaceMemberUpdated", "demote"),
        ("WorkspaceMemberUpdated", "promote"),
        ("WorkspaceMemberLeft", "revoke"),
    ]


async def test_who_is_promoted_and_demoted_in_one_transaction_was_never_an_admin(world: World) -> None:
    async with world.sql.transaction():
        for role in ("admin", "owner", "member"):
            await world.sql.execute(SET_ROLE, world.group, world.carol, role)
    assert "promote" not in {effect for _, effect, _ in await effects(world)}


async def test_the_migration_finds_what_earlier_events_did(world: World) -> None:
    """The log of a database that had no such column says the same afterwards."""
    await world.add_board("alice", "bob")
    chat = await world.add_chat("Group", "alice", "bob", "carol")
    for role in ("admin", "owner", "member"):
        await world.sql.execute(SET_ROLE, chat, world.carol, role)
    await world.sql.execute("UPDATE document_members SET role = 'owner' WHERE user_id = $1", world.bob)
    await world.sql.execute("UPDATE users SET fullname = 'C' WHERE id = $1", world.carol)
    await world.sql.execute("DELETE FROM chats WHERE id = $1", chat)
    log = "SELECT position, kind, audience, effect FROM events ORDER BY position"
    before = await world.rows(log)
    assert {effect for *_, effect in before} == {None, "grant", "grant_admin", "promote", "demote", "revoke"}
    names = [script.name for script in scripts.migrations()]
    steps = len(names) - names.index("migrations/0072_effects.sql")
    await migrations.down(world.sql, lambda _: None, steps)
    await migrations.up(world.sql, lambda _: None)
    assert await world.rows(log) == before
