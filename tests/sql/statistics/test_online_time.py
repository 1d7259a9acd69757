"""Online time in SQL, against a plain count of minutes in Python; dead nodes, invisible people, and flags."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from tests.sql.world import World

# With both changes of the clock, at midnight (Santiago) and not, days of 23 and 25 hours, and half hours.
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Santiago",
    "Asia/Shanghai",
    "Asia/Kolkata",
    "Pacific/Apia",
)
AROUND = (datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 9, 5, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC))


async def switch(world: World, *, on: bool) -> None:
    await world.sql.execute(
        "INSERT INTO features (name, enabled) VALUES ('enable_online_statistics', $1) "
        "ON CONFLICT (name) DO UPDATE SET enabled = excluded.enabled",
        on,
    )


async def stream(world: World, number: int, person: int, since: datetime, until: datetime) -> None:
    """A stream on a node of its own, which was heard of last at its end."""
    node = f"node {number}"
    await world.sql.execute(
        "INSERT INTO notify_nodes (node, seen_at, expires_at) VALUES ($1, $2, '2000-01-01')", node, until
    )
    await world.sql.execute(
        "INSERT INTO streams (node, stream, user_id, session_id, address, transport, opened_at, settled_at) "
        "VALUES ($1, 1, $2, 0, '', 'sse', $3, $3)",
        node,
        person,
        since,
    )


async def own(world: World, person: int) -> dict[date, int]:
    rows = await world.rows("SELECT day, seconds FROM own_online_time($1, '2000-01-01', '2100-01-01')", person)
    return dict(rows)


@pytest.mark.parametrize("seed", range(6))
async def test_days_are_what_a_count_of_minutes_says(world: World, seed: int) -> None:
    """Devices overlap, nodes die, days are cut where the person lives, and settling again changes nothing."""
    rng = random.Random(seed)
    await switch(world, on=True)
    expected: dict[int, Counter[date]] = {}
    number = 0
    for person in (world.alice, world.bob, world.carol):
        zone, start = rng.choice(ZONES), rng.choice(AROUND)
        await world.sql.execute("UPDATE users SET time_zone = $1 WHERE id = $2", zone, person)
        minutes = set[datetime]()
        for _ in range(rng.randrange(1, 6)):
            since = start + timedelta(minutes=rng.randrange(2 * 24 * 60))
            length = rng.randrange(-30, 20 * 60)  # the clock of the database may have been set back
            await stream(world, number := number + 1, person, since, since + timedelta(minutes=length))
            minutes |= {since + timedelta(minutes=minute) for minute in range(length)}
        expected[person] = Counter(minute.astimezone(ZoneInfo(zone)).date() for minute in minutes)
    await world.sql.execute("SELECT settle_online_time()")
    for _ in range(2):
        for person, days in expected.items():
            assert await own(world, person) == {day: 60 * count for day, count in days.items()}, seed
        # As if another server, or this one after a crash, had not known that it is done.
        await world.sql.execute("UPDATE streams SET settled_at = opened_at")
        await world.sql.execute("SELECT settle_online_time()")


OPENED = '[{{"stream": {}, "user_id": {}, "session_id": 0, "address": "", "opened_at": "2026-01-01T00:00:00Z"}}]'
REPORT = "SELECT report_streams($1, $2, $3)"


async def test_a_node_that_dies_counts_to_its_last_report_and_the_others_go_on(world: World) -> None:
    await switch(world, on=True)
    await world.sql.execute(REPORT, "one", OPENED.format(1, world.alice), [])
    await world.sql.execute(REPORT, "two", OPENED.format(1, world.bob), [])
    await world.sql.execute("UPDATE streams SET settled_at = now() - interval '100 minutes'")
    # kill -9 of one: it was heard of 40 minutes ago.
    await world.sql.execute(
        "UPDATE notify_nodes SET seen_at = now() - interval '40 minutes', expires_at = now() - interval '39 minutes' "
        "WHERE node = 'one'"
    )
    await world.sql.execute(REPORT, "two", "[]", [1])
    assert await world.rows("SELECT node FROM notify_nodes") == [("two",)]
    assert abs(sum((await own(world, world.alice)).values()) - 60 * 60) <= 1
    assert abs(sum((await own(world, world.bob)).values()) - 100 * 60) <= 2


async def test_a_node_that_wakes_up_does_not_count_its_sleep(world: World) -> None:
    await switch(world, on=True)
    await world.sql.execute(REPORT, "one", OPENED.format(1, world.alice), [])
    await world.sql.execute("UPDATE streams SET settled_at = now() - interval '100 minutes'")
    await world.sql.execute(
        "UPDATE notify_nodes SET seen_at = now() - interval '40 minutes', expires_at = now() - interval '39 minutes'"
    )
    await world.sql.execute(REPORT, "one", "[]", [])
    await world.sql.execute(REPORT, "one", "[]", [1])
    assert abs(sum((await own(world, world.alice)).values()) - 60 * 60) <= 1


async def test_it_is_off_and_counts_from_when_it_is_switched_on(world: World) -> None:
    await world.sql.execute(REPORT, "one", OPENED.format(1, world.alice), [])
    await world.sql.execute("UPDATE streams SET settled_at = now() - interval '1 hour'")
    await world.sql.execute("SELECT settle_online_time()")
    assert await own(world, world.alice) == {}
    await switch(world, on=True)
    await world.sql.execute(REPORT, "one", "[]", [1])
    assert sum((await own(world, world.alice)).values()) <= 1
    # In an organisation that does without, nobody's time is kept; nor is a bot's anywhere.
    await world.sql.execute("SELECT create_organization($1, 'acme')", world.alice)
    organization = await world.sql.fetchval("SELECT id FROM organizations")
    assert await world.sql.fetchval("SELECT keeps_online_time_of($1)", world.alice)
    await world.sql.execute(
        "INSERT INTO organization_features VALUES ($1, 'enable_online_statistics', false)", organization
    )
    assert not await world.sql.fetchval("SELECT keeps_online_time_of($1)", world.alice)
    assert await world.sql.fetchval("SELECT keeps_online_time_of($1)", world.bob)


async def test_what_is_hidden_is_in_sums_of_five_alone(world: World) -> None:
    await switch(world, on=True)
    await world.sql.execute("SELECT create_organization($1, 'acme')", world.alice)
    organization = await world.sql.fetchval("SELECT id FROM organizations")
    people = [world.alice, *[await world.add_user(f"person{number}") for number in range(6)]]
    departments = [
        await world.sql.fetchval(
            "INSERT INTO departments (organization_id, name) VALUES ($1, $2) RETURNING id", organization, name
        )
        for name in ("many", "few")
    ]
    for place, person in enumerate(people):
        if person != world.alice:
            await world.sql.execute(
                "INSERT INTO organization_members (organization_id, user_id) VALUES ($1, $2)", organization, person
            )
        await world.sql.execute(
            "INSERT INTO appointments (organization_id, department_id, user_id) VALUES ($1, $2, $3)",
            organization,
            departments[place >= 5],
            person,
        )
        mode = "auto" if person == world.alice else "invisible"
        await world.sql.execute("UPDATE users SET presence_mode = $1 WHERE id = $2", mode, person)
    noon = datetime(2026, 6, 1, 12, tzinfo=UTC)

    async def seen(by: str) -> set[tuple[int | None, int | None, int, int]]:
        rows = await world.rows(
            "SELECT user_id, department_id, people, seconds FROM online_statistics($1, $2, '2026-06-01', '2026-06-02')",
            organization,
            by,
        )
        return {(user, department, count, seconds) for user, department, count, seconds in rows}

    for number, person in enumerate(people):
        await stream(world, number, person, noon, noon + timedelta(hours=1))
    await world.sql.execute("SELECT settle_online_time()")
    # Four of "many" and two of "few" were invisible: neither is told.
    assert await seen("person") == {(world.alice, None, 1, 3600)}
    assert await seen("department") == {(None, departments[0], 1, 3600)}
    assert await seen("all") == {(None, None, 1, 3600)}
    # One's own is always there.
    assert await own(world, people[1]) == {date(2026, 6, 1): 3600}
    # Operators see what everybody else would.
    emails = "SELECT u.id, o.seconds FROM ops.online_time o JOIN users u USING (email)"
    assert await world.rows(emails) == [(world.alice, 3600)]
    # A fifth of "many": now their sum is told, and that of "few" cannot be had by subtraction.
    await world.sql.execute("UPDATE users SET presence_mode = 'invisible' WHERE id = $1", world.alice)
    await stream(world, 99, world.alice, noon + timedelta(hours=2), noon + timedelta(hours=3))
    await world.sql.execute("SELECT settle_online_time()")
    assert await seen("person") == {(world.alice, None, 1, 3600)}
    assert await seen("department") == {(None, departments[0], 5, 6 * 3600)}
    assert await seen("all") == {(None, None, 5, 6 * 3600)}


async def test_time_before_somebody_stops_hiding_stays_hidden(world: World) -> None:
    await switch(world, on=True)
    await world.sql.execute(REPORT, "one", OPENED.format(1, world.alice), [])
    await world.sql.execute("UPDATE streams SET settled_at = now() - interval '10 minutes'")
    await world.sql.execute("UPDATE users SET presence_mode = 'invisible' WHERE id = $1", world.alice)
    await world.sql.execute("UPDATE users SET presence_mode = 'auto' WHERE id = $1", world.alice)
    await world.sql.execute(REPORT, "one", "[]", [1])
    hidden, shown = await world.sql.fetchrow(
        "SELECT sum(seconds_of(hidden)), sum(seconds_of(shown)) FROM online_days"
    ) or (0, 0)
    assert hidden >= 600
    assert shown <= 2
    with pytest.raises(asyncpg.PostgresError, match="no time zone"):
        await world.sql.execute("UPDATE users SET time_zone = 'Mars/Olympus'")


async def test_days_expire(world: World) -> None:
    await world.sql.execute(
        "INSERT INTO online_days (user_id, day) VALUES ($1, current_date - 91), ($1, current_date - 90)", world.alice
    )
    assert await world.sql.fetchval("SELECT expire_online_days(90)") == 1
    assert len(await world.rows("SELECT FROM online_days")) == 1
