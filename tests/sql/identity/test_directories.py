"""Synchronisation with a directory, in SQL: what it may change, and when it stops."""

from datetime import datetime
from typing import Any

import asyncpg
import pytest

from tests.sql.world import World

PEOPLE = ("alice", "bob", "carol", "dave", "eve")


async def link(world: World, *people: int) -> None:
    for person in people:
        await world.sql.execute("SELECT add_identity($1, 'corp', 'ldap', $2, NULL, false)", person, str(person))


async def time(world: World) -> datetime:
    now: datetime = await world.sql.fetchval("SELECT now()")
    return now


async def sync(
    world: World,
    *people: int,
    members: list[int] | None = None,
    fullname: str | None = None,
    email: str | None = None,
    read_at: datetime | None = None,
) -> Any:
    """The directory has these people; all have this name and address; these are in the group that acme is for."""
    found = await world.sql.fetchrow(
        "SELECT * FROM sync_directory('corp', $1, $2, $3, $4, $5, $6, $7, false)",
        [str(person) for person in people],
        [fullname or f"Person {person}" for person in people],
        [email] * len(people),
        [True] * len(people),
        None if members is None else [str(member) for member in members],
        None if members is None else [world.acme] * len(members),
        read_at or await time(world),
    )
    assert found is not None
    return found


async def account(world: World, person: int) -> tuple[str, str]:
    found = await world.sql.fetchrow("SELECT fullname, email FROM users WHERE id = $1", person)
    assert found is not None
    return found["fullname"], found["email"]


async def status(world: World, person: int) -> str:
    found: str = await world.sql.fetchval("SELECT status FROM users WHERE id = $1", person)
    return found


async def test_an_operator_lets_memberships_go_once(world: World) -> None:
    people = [await world.add_user(f"person{number}") for number in range(5)]
    await link(world, *people)
    assert (await sync(world, *people, members=people))["granted"] == 5
    assert (await sync(world, *people, members=people[3:]))["grants_stopped"]
    since = await world.sql.fetchval("SELECT stopped_at FROM ops.synchronisations")
    assert since is not None
    assert (await sync(world, *people, members=people[3:]))["grants_stopped"]
    assert await world.sql.fetchval("SELECT stopped_at FROM ops.synchronisations") == since, "since when"
    assert await world.sql.fetchval("SELECT ops.let_go('corp')") == 3
    went = await sync(world, *people, members=people[3:])
    assert (went["withdrawn"], went["grants_stopped"]) == (3, False)
    assert await world.sql.fetchval("SELECT stopped_at IS NULL AND NOT let_go FROM ops.synchronisations")
    assert (await sync(world, *people, members=[]))["grants_stopped"]


async def test_what_a_directory_says_first_is_remembered_and_changes_nothing(world: World) -> None:
    await link(world, world.eve)
    own = ("Eve", "eve@example.com")
    first = await sync(world, world.eve, fullname="Evelyn", email="evelyn@corp.example")
    assert (first["changed"], await account(world, world.eve)) == ([], own)
    # At the next sign-in, and for one who has linked it since, likewise.
    follow = "SELECT follow_person('corp', $1, (SELECT id FROM identities WHERE user_id = $1), $2, $3)"
    await world.sql.execute(follow, world.eve, "Evelyn", "evelyn@corp.example")
    await link(world, world.bob)
    await world.sql.execute(follow, world.bob, "Robert", "robert@corp.example")
    assert await account(world, world.eve) == own
    assert await account(world, world.bob) == ("Bob", "bob@example.com")
    # From then on, what changes there changes here.
    await world.sql.execute(follow, world.bob, "Rob", "rob@corp.example")
    assert await account(world, world.bob) == ("Rob", "rob@corp.example")
    changed = await sync(world, world.bob, world.eve, fullname="Evelyn", email="eve@corp.example")
    assert changed["changed"] == [world.bob, world.eve]
    assert await account(world, world.eve) == ("Eve", "eve@example.com"), "that address is bob's now"


async def test_who_has_signed_in_since_the_directory_was_read_is_known_better(world: World) -> None:
    await link(world, *(world.people[name] for name in PEOPLE[:4]))
    in_group = [world.alice, world.bob, world.dave]
    await sync(world, *(world.people[name] for name in PEOPLE[:4]), members=in_group)
    read_at = await time(world)
    # eve signs in for the first time, and dave, whose name and group are new.
    await world.sql.execute("SELECT identify('corp', 'ldap', $1, NULL, false, false, false, '')", str(world.dave))
    await link(world, world.eve)
    for person in (world.dave, world.eve):
        await world.sql.execute(
            "SELECT follow_person('corp', $1, (SELECT id FROM identities WHERE user_id = $1), 'New name', NULL)", person
        )
    await world.sql.execute("SELECT sync_grants('corp', $1, $2)", world.eve, [world.acme])
    await world.sql.execute("SELECT sync_grants('corp', $1, '{}')", world.dave)

    left = await sync(world, world.alice, world.bob, world.dave, members=in_group, read_at=read_at)
    assert (left["outcome"], left["leaving"]) == ("done", [world.carol])
    assert (left["granted"], left["withdrawn"]) == (0, 0)
    assert (await account(world, world.dave))[0] == "New name"
    assert await status(world, world.eve) == "active"
    later = await sync(world, world.alice, world.bob, world.dave, members=[world.alice, world.bob])
    assert (later["leaving"], later["granted"], later["withdrawn"]) == ([world.eve], 0, 1)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT suspend_by('operator', $1)",
        "SELECT follow_person('operator', $1, 1, 'Eve', NULL)",
        "SELECT sync_directory('operator', '{eve}', '{E}', '{NULL}', '{true}', NULL, NULL, now(), false) WHERE $1 > 0",
    ],
)
async def test_no_directory_speaks_for_an_operator(world: World, statement: str) -> None:
    await world.sql.execute("SELECT add_identity($1, 'operator', 'ldap', 'eve', NULL, false)", world.eve)
    await world.sql.execute("SELECT ops.suspend('eve@example.com')")
    async with world.database.connect("fechatter_chat") as chat:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="in the name of operator"):
            await chat.execute(statement, world.eve)
    assert await status(world, world.eve) == "suspended"
    await world.sql.execute("SELECT ops.reinstate('eve@example.com')")
    assert await status(world, world.eve) == "active"
