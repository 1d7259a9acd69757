"""Memberships that directories of people grant: each source touches its own grants alone, and takes few at once."""

import asyncio

import pytest

from tests.sql.world import World


async def say(world: World, source: str, person: int, *workspaces: int) -> int:
    """What the source says of one person: these workspaces and no others."""
    changed: int = await world.sql.fetchval("SELECT sync_grants($1, $2, $3)", source, person, list(workspaces))
    return changed


async def say_all(world: World, source: str, *people: int, forced: bool = False) -> tuple[int, int, bool]:
    """What the source says of everybody: these people are in acme, and nobody else is."""
    found = await world.sql.fetchrow(
        "SELECT * FROM sync_source($1, $2, $3, $4)", source, list(people), [world.acme] * len(people), forced
    )
    assert found is not None
    return found["granted"], found["withdrawn"], found["stopped"]


async def role(world: World, person: int) -> str | None:
    found: str | None = await world.sql.fetchval(
        "SELECT role FROM workspace_members WHERE workspace_id = $1 AND user_id = $2", world.acme, person
    )
    return found


async def crowd(world: World, size: int) -> list[int]:
    return [await world.add_user(f"person{number}") for number in range(size)]


async def test_a_grant_makes_a_member_who_goes_when_it_is_withdrawn(world: World) -> None:
    await world.events()
    assert await say(world, "corp", world.eve, world.acme) == 1
    assert await role(world, world.eve) == "member"
    assert [event.kind for event in await world.events()] == ["WorkspaceMemberJoined"]
    assert await say(world, "corp", world.eve, world.acme) == 0
    assert await say(world, "corp", world.eve) == 1
    assert await role(world, world.eve) is None
    assert [event.kind for event in await world.events()] == ["WorkspaceMemberLeft"]


async def test_a_membership_made_by_hand_stays(world: World) -> None:
    assert await say(world, "corp", world.carol, world.acme) == 1
    assert await say(world, "corp", world.carol) == 1
    assert await role(world, world.carol) == "member"


async def test_a_missing_claim_is_not_an_empty_list(world: World) -> None:
    await say(world, "corp", world.eve, world.acme)
    assert await world.sql.fetchval("SELECT sync_grants('corp', $1, NULL)", world.eve) == 0
    assert await role(world, world.eve) == "member"


async def test_what_another_source_grants_stays(world: World) -> None:
    await say(world, "corp", world.eve, world.acme)
    await say(world, "okta", world.eve, world.acme)
    await say(world, "corp", world.eve)
    assert await role(world, world.eve) == "member"
    await say(world, "okta", world.eve)
    assert await role(world, world.eve) is None


async def test_what_was_done_by_hand_stands_until_the_source_changes_its_mind(world: World) -> None:
    await say(world, "corp", world.eve, world.acme)
    await world.sql.execute("DELETE FROM workspace_members WHERE user_id = $1", world.eve)
    await say(world, "corp", world.eve, world.acme)
    assert await role(world, world.eve) is None
    await say(world, "corp", world.eve)
    await say(world, "corp", world.eve, world.acme)
    assert await role(world, world.eve) == "member"


async def test_who_has_left_by_themselves_is_not_brought_back(world: World) -> None:
    await say(world, "corp", world.eve, world.acme)
    async with world.sql.transaction():
        await world.sql.execute("SELECT set_config('fechatter.actor', $1, true)", str(world.eve))
        await world.sql.execute("DELETE FROM workspace_members WHERE user_id = $1", world.eve)
    await say(world, "corp", world.eve)
    await say(world, "corp", world.eve, world.acme)
    assert await role(world, world.eve) is None


async def test_an_owner_is_never_taken_by_a_source(world: World) -> None:
    await say(world, "corp", world.eve, world.acme)
    await world.sql.execute("UPDATE workspace_members SET role = 'owner' WHERE user_id = $1", world.eve)
    await say(world, "corp", world.eve)
    assert await role(world, world.eve) == "owner"


async def test_unknown_workspaces_and_people_are_left_out(world: World) -> None:
    assert await say(world, "corp", world.eve, world.acme, 987_654) == 1
    assert await say_all(world, "corp", world.eve, 987_654) == (0, 0, False)


async def test_a_synchronisation_that_would_take_more_than_a_tenth_stops_until_an_operator_lets_it_go(
    world: World,
) -> None:
    people = await crowd(world, 20)
    assert await say_all(world, "corp", *people) == (20, 0, False)
    assert await say_all(world, "corp", *people[2:]) == (0, 2, False)
    assert await say_all(world, "corp", *people[5:]) == (0, 0, True)
    assert await role(world, people[4]) == "member"
    stopped = await world.sql.fetchrow("SELECT * FROM ops.synchronisations")
    assert stopped is not None
    assert (stopped["had"], stopped["going"]) == (18, 3)
    assert await world.sql.fetchval("SELECT ops.let_go('corp')") == 3
    assert await say_all(world, "corp", *people[5:]) == (0, 3, False)
    assert await world.sql.fetchval("SELECT stopped_at IS NULL AND NOT let_go FROM ops.synchronisations")
    assert await say_all(world, "corp", *people[9:]) == (0, 0, True)  # leave was for one


@pytest.mark.parametrize("size", [1, 2, 20])
async def test_an_empty_answer_takes_nobody(world: World, size: int) -> None:
    people = await crowd(world, size)
    await say_all(world, "corp", *people)
    assert await say_all(world, "corp") == (0, 0, True)
    assert await role(world, people[0]) == "member"
    assert await say_all(world, "corp", forced=True) == (0, size, False)


async def test_one_of_a_few_may_go(world: World) -> None:
    people = await crowd(world, 3)
    await say_all(world, "corp", *people)
    assert await say_all(world, "corp", *people[1:]) == (0, 1, False)


async def test_two_that_say_the_same_at_once_grant_it_once(world: World) -> None:
    both = [await world.connect(), await world.connect()]
    changed = await asyncio.gather(
        *(each.fetchval("SELECT sync_grants('corp', $1, $2)", world.eve, [world.acme]) for each in both)
    )
    assert sorted(changed) == [0, 1]
    assert await role(world, world.eve) == "member"


async def test_grants_are_in_the_audit_log_with_their_source(world: World) -> None:
    await say(world, "corp", world.eve, world.acme)
    shown = await world.rows("SELECT source, name, is_member FROM ops.grants('eve@example.com')")
    assert shown == [("corp", "acme", True)]
    await say(world, "corp", world.eve)
    entries = await world.rows(
        "SELECT action, after ->> 'source' FROM audit_log "
        "WHERE action LIKE 'workspace_grant%' AND target_id = $1 ORDER BY id",
        world.eve,
    )
    assert entries == [("workspace_granted", "corp"), ("workspace_grant_withdrawn", "corp")]
