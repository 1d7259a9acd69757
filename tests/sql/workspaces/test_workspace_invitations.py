"""workspace_invitations: who may be let in without being asked, whoever writes; and what the invited are told."""

import asyncpg
import pytest

from tests.sql.world import World

INVITE = "INSERT INTO workspace_invitations (workspace_id, user_id, invited_by) VALUES ($1, $2, $3)"
ADD = "INSERT INTO workspace_members (workspace_id, user_id) VALUES ($1, $2)"


async def act_as(world: World, user: int | None) -> None:
    await world.sql.execute("SELECT set_config('fechatter.actor', $1, false)", str(user or ""))


async def test_only_oneself_a_fellow_and_an_operator_let_one_in(world: World) -> None:
    await act_as(world, world.alice)
    with pytest.raises(asyncpg.PostgresError) as error:
        await world.sql.execute(ADD, world.acme, world.eve)
    assert (error.value.sqlstate, error.value.constraint_name) == ("FC403", "invitation_needed")
    for somebody in (None, world.eve):
        await act_as(world, somebody)
        await world.sql.execute(ADD, world.acme, world.eve)
        await act_as(world, None)
        await world.sql.execute("DELETE FROM workspace_members WHERE user_id = $1", world.eve)
    other = await world.sql.fetchval("SELECT create_workspace($1, 'Other') ->> 'id'", world.eve)
    await world.sql.execute(ADD, int(other), world.alice)
    await act_as(world, world.alice)
    await world.sql.execute(ADD, world.acme, world.eve)


async def test_the_invited_are_told_and_nobody_else(world: World) -> None:
    await world.sql.execute(INVITE, world.acme, world.eve, world.alice)
    [added] = await world.events()
    assert added.about() == ("WorkspaceInvitationAdded", "user", None, world.eve, None)
    assert (added.payload["workspace_name"], added.payload["inviter_name"], added.payload["role"]) == (
        await world.sql.fetchval("SELECT name FROM workspaces WHERE id = $1", world.acme),
        await world.sql.fetchval("SELECT fullname FROM users WHERE id = $1", world.alice),
        "member",
    )
    await world.sql.execute(ADD, world.acme, world.eve)
    kinds = {event.kind: event for event in await world.events()}
    assert kinds.keys() == {"WorkspaceMemberJoined", "WorkspaceInvitationDeleted"}
    assert kinds["WorkspaceInvitationDeleted"].payload == {"workspace_id": world.acme, "user_id": world.eve}


async def test_an_invitation_is_not_changed(world: World) -> None:
    await world.sql.execute(INVITE, world.acme, world.eve, world.alice)
    with pytest.raises(asyncpg.PostgresError) as error:
        await world.sql.execute("UPDATE workspace_invitations SET role = 'owner'")
    assert error.value.constraint_name == "key_is_final"


async def test_who_is_demoted_invites_to_no_more_than_they_are(world: World) -> None:
    await world.sql.execute("UPDATE workspace_members SET role = 'owner' WHERE user_id = $1", world.bob)
    await world.sql.execute(INVITE, world.acme, world.eve, world.bob)
    await world.sql.execute("UPDATE workspace_members SET role = 'admin' WHERE user_id = $1", world.bob)
    assert await world.rows("SELECT user_id FROM workspace_invitations") == [(world.eve,)]
    await world.sql.execute("DELETE FROM workspace_invitations")
    await world.sql.execute(
        "INSERT INTO workspace_invitations (workspace_id, user_id, invited_by, role) VALUES ($1, $2, $3, 'owner')",
        world.acme,
        world.eve,
        world.alice,
    )
    await world.sql.execute("UPDATE workspace_members SET role = 'owner' WHERE user_id = $1", world.bob)
    await world.sql.execute("UPDATE workspace_members SET role = 'admin' WHERE user_id = $1", world.alice)
    assert await world.rows("SELECT user_id FROM workspace_invitations") == []
