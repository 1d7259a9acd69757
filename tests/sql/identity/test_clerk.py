"""What Clerk has said of its objects: how long it is remembered, and what follows from it."""

from datetime import UTC, datetime

import pytest

from chat_server.background.maintenance import EXPIRIES
from tests.sql.world import World

THEN = datetime(2026, 1, 1, tzinfo=UTC)


async def note(world: World, kind: str, name: str, member: str = "", *, gone: bool) -> None:
    assert await world.sql.fetchval("SELECT clerk_note($1, $2, $3, $4, $5)", kind, name, member, gone, THEN)


async def months_go_by(world: World) -> None:
    await world.sql.execute("UPDATE clerk_objects SET learned_at = learned_at - interval '31 days'")
    await EXPIRIES["clerk_objects"].rows(world.sql)


async def granted(world: World) -> int:
    """How many grants there are after somebody signs in again."""
    await world.sql.execute(
        "SELECT sync_grants('clerk', $1, ARRAY(SELECT workspace_id FROM clerk_grants('https://c', '{org_1}', $2)))",
        world.eve,
        [world.acme],
    )
    grants: int = await world.sql.fetchval("SELECT count(*) FROM membership_grants")
    return grants


@pytest.fixture
async def member(world: World) -> World:
    """eve is in an organization."""
    await world.sql.execute("SELECT add_identity($1, 'clerk', 'https://c', 'user_eve', NULL, false)", world.eve)
    await note(world, "membership", "org_1", "user_eve", gone=False)
    assert await granted(world) == 1
    return world


async def test_a_membership_is_remembered_for_as_long_as_it_is_there(member: World) -> None:
    await note(member, "user", "user_eve", gone=False)
    await months_go_by(member)
    assert await member.rows("SELECT kind FROM clerk_objects") == [("membership",)]
    assert await granted(member) == 1


@pytest.mark.parametrize(("kind", "name"), [("user", "user_eve"), ("organization", "org_1")])
async def test_what_clerk_has_deleted_or_banned_does_not_come_back_when_memories_fade(
    member: World, kind: str, name: str
) -> None:
    await note(member, kind, name, gone=True)
    await note(member, "session", "sess_1", gone=True)
    await note(member, "membership", "org_1", "user_of_old", gone=True)
    assert await granted(member) == 0
    await months_go_by(member)
    assert await granted(member) == 0
    assert await member.rows("SELECT kind FROM clerk_objects ORDER BY kind") == [("membership",), (kind,)]
