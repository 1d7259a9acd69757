"""What notify_server writes, by functions only: tickets taken out of use, and which streams are open."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

from tests.sql.world import World, blocked

REPORT = "SELECT known FROM report_streams($1, $2, $3)"
STREAMS = "SELECT node, stream, user_id FROM streams ORDER BY node, stream"


def opened(*streams: int, user: int = 1) -> str:
    at = "2026-01-01T00:00:00Z"
    return json.dumps(
        [{"stream": n, "user_id": user, "session_id": 1, "address": "192.0.2.1", "opened_at": at} for n in streams]
    )


async def test_a_ticket_opens_one_stream(world: World) -> None:
    session = await world.add_session(world.bob)
    expires = datetime.now(UTC) + timedelta(minutes=15)
    tickets = [(b"good", timedelta(seconds=30)), (b"late", timedelta(seconds=-1))]
    for ticket, left in tickets:
        await world.sql.execute(
            "INSERT INTO tickets VALUES ($1, $2, now() + $3::interval, $4)", ticket, session, left, expires
        )
    redeem = "SELECT * FROM redeem_ticket($1)"
    assert await world.rows(redeem, b"good") == [(world.bob, session, expires)]
    assert await world.rows(redeem, b"good") == []
    assert await world.rows(redeem, b"late") == []
    assert await world.rows(redeem, b"unknown") == []
    assert await world.rows("SELECT * FROM tickets") == []


async def test_of_two_who_redeem_a_ticket_at_once_one_has_it(world: World) -> None:
    session = await world.add_session(world.bob)
    await world.sql.execute("INSERT INTO tickets VALUES ('t', $1, now() + interval '1 minute', now())", session)
    first, second = await world.connect(), await world.connect()
    await first.execute("BEGIN")
    assert len(await first.fetch("SELECT * FROM redeem_ticket('t')")) == 1
    other = asyncio.create_task(second.fetch("SELECT * FROM redeem_ticket('t')"))
    await blocked(world, second)
    await first.execute("COMMIT")
    assert await other == []


async def test_a_node_tells_what_has_changed_and_all_of_it_when_it_was_forgotten(world: World) -> None:
    assert await world.sql.fetchval(REPORT, "one", opened(1, 2), []) is False
    assert await world.sql.fetchval(REPORT, "one", opened(2, 3), [1]) is True
    assert await world.sql.fetchval(REPORT, "two", opened(1, user=2), []) is False
    assert await world.rows(STREAMS) == [("one", 2, 1), ("one", 3, 1), ("two", 1, 2)]
    await world.sql.execute("UPDATE notify_nodes SET expires_at = now() - interval '1 second' WHERE node = 'one'")
    assert await world.sql.fetchval(REPORT, "two", "[]", [7]) is True
    assert await world.rows(STREAMS) == [("two", 1, 2)]
    assert await world.sql.fetchval(REPORT, "one", opened(3), []) is False


async def test_nodes_that_wake_up_together_do_not_wait_for_each_other(world: World) -> None:
    """After a pause of the database or of the machine each looks dead to the other."""
    nodes = ("one", "two")
    for node in nodes:
        await world.sql.execute(REPORT, node, opened(1), [])
    await world.sql.execute("UPDATE notify_nodes SET expires_at = now() - interval '5 minutes'")
    gate = await world.connect()
    await gate.execute("BEGIN; LOCK TABLE streams")
    reports = []
    for node in nodes:
        connection = await world.connect()
        reports.append(asyncio.create_task(connection.fetchval(REPORT, node, "[]", [])))
        await blocked(world, connection)
    await gate.execute("COMMIT")
    assert await asyncio.gather(*reports) == [True, True]
    assert await world.rows(STREAMS) == [("one", 1, 1), ("two", 1, 1)]
