"""sink_events and record_sink: which events are for a sink, and whose writes count."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import jsonschema_rs
import pytest
from fechatter_client.models.events import KINDS

from chat_core.log.event import Event
from delivery_server.resets import Reset
from delivery_server.sinks.cloud_event import RESET, cloud_event, reset
from delivery_server.sinks.kinds import FOR_SINKS, PLACES
from tests.end_to_end.streams.test_events_doc import SCENE
from tests.sql.world import World
from tests.support.postgres import Database

SELECT_EVENTS = """
    SELECT * FROM sink_events($1, log_head(), $2, $3, $4, NULL, 1000, 1048576)
"""
EVERY_TYPE = ["Single", "Group", "PrivateChannel", "PublicChannel"]
SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "integrations" / "events.schema.json").read_text())


@pytest.mark.parametrize(
    "lost", [Reset("epoch_changed", "b", 7), Reset("retention", "a", 7), Reset("lost", "b", 7, "a.7")]
)
def test_a_notice_of_a_lost_cursor_is_as_the_schema_has_it(lost: Reset) -> None:
    event = Event("b", 0, RESET, "user", None, None, None, None, None, None, lost.payload, datetime.now(UTC))
    sent = json.loads(reset(event, "a.9", "urn:fechatter").body)
    judge = jsonschema_rs.validator_for(SCHEMA, validate_formats=True)
    assert [error.message for error in judge.iter_errors(sent)] == []
    assert not judge.is_valid({**sent, "data": {**sent["data"], "reason": "x"}})


async def _play(database: Database, *selections: tuple[object, ...]) -> list[list[asyncpg.Record]]:
    """What each selection has of everything that can happen, read after each statement."""
    found: list[list[asyncpg.Record]] = [[] for _ in selections]
    async with database.connect() as sql, database.connect("fechatter_delivery") as role:
        for statement in SCENE.strip().split(";\n"):
            before = await sql.fetchval("SELECT log_head()")
            await sql.execute(statement)
            for events, selection in zip(found, selections, strict=True):
                events += await role.fetch(SELECT_EVENTS, before, *selection)
    return found


def _kinds(events: list[asyncpg.Record]) -> set[str]:
    return {event["kind"] for event in events}


async def test_a_sink_has_what_all_members_see_and_nothing_that_is_for_some(database: Database) -> None:
    """By the audiences in the log, in the scene of docs/events.md, which has each kind: just those that are listed.
    Each is as the JSON Schema has it."""
    everything, public, elsewhere = await _play(
        database, (None, EVERY_TYPE, True), (None, ["PublicChannel"], False), ([99], EVERY_TYPE, True)
    )
    assert _kinds(everything) == FOR_SINKS
    assert KINDS.keys() > FOR_SINKS
    assert _kinds(public) == FOR_SINKS - PLACES["documents"] - PLACES["chats"] | {"ChatDeleted"}
    assert _kinds(elsewhere) == set()
    positions = [event["position"] for event in everything]
    assert positions == sorted(set(positions))
    judge = jsonschema_rs.validator_for(SCHEMA, validate_formats=True)
    for row in everything:
        event = _event(row)
        sent = cloud_event(event, row["workspace_id"], "urn:fechatter")
        assert event.kind in PLACES[sent.subject.split("/")[0]]
        assert [error.message for error in judge.iter_errors(json.loads(sent.body))] == [], event.kind
    assert not judge.is_valid(json.loads(sent.body) | {"data": {}})


def _event(row: asyncpg.Record) -> Event:
    columns = ("position", "kind", "audience", "chat_id", "document_id", "user_id", "workspace_ids", "message_id")
    payload: str = row["payload"]
    return Event.made(
        "52d47d04", *(row[column] for column in columns), row["effect"], payload.encode(), row["created_at"]
    )


async def test_addresses_that_a_workspace_hides_are_in_no_sink(world: World) -> None:
    await world.sql.execute("UPDATE workspaces SET show_emails = false")
    before = await world.sql.fetchval("SELECT log_head()")
    await world.sql.execute("UPDATE users SET fullname = 'Alicia' WHERE id = $1", world.alice)
    (told,) = await world.sql.fetch(SELECT_EVENTS, before, None, EVERY_TYPE, True)
    assert (told["kind"], "alice@" in told["payload"]) == ("UserUpdated", False)
    await world.sql.execute("UPDATE workspaces SET show_emails = true")
    before = await world.sql.fetchval("SELECT log_head()")
    await world.sql.execute("UPDATE users SET fullname = 'Alice' WHERE id = $1", world.alice)
    assert "alice@" in (await world.sql.fetch(SELECT_EVENTS, before, None, EVERY_TYPE, True))[-1]["payload"]


async def test_that_a_chat_is_gone_is_said_once(world: World) -> None:
    """To each of its members, in the log; what was said in it is not for sinks any more."""
    before = await world.sql.fetchval("SELECT log_head()")
    await world.sql.execute("SELECT ops.post_message($1, $2, 'a last word')", world.group, str(world.alice))
    await world.sql.execute("DELETE FROM chats WHERE id = $1", world.group)
    told = await world.sql.fetchval("SELECT count(*) FROM events WHERE kind = 'ChatDeleted'")
    events = await world.sql.fetch(SELECT_EVENTS, before, [world.acme], EVERY_TYPE, False)
    assert (told, [(event["kind"], event["chat_id"]) for event in events]) == (3, [("ChatDeleted", world.group)])
    assert await world.sql.fetch(SELECT_EVENTS, before, [world.acme + 1], EVERY_TYPE, False) == []


async def test_as_many_events_as_fit(world: World) -> None:
    before = await world.sql.fetchval("SELECT log_head()")
    for text in ("one", "two", "x" * 3000):
        await world.sql.execute("SELECT ops.post_message($1, $2, $3)", world.group, str(world.alice), text)
    bounded = "SELECT count(*) FROM sink_events($1, log_head(), NULL, '{Group}', false, '{NewMessage}', $2, $3)"
    for amount, size, expected in ((500, 1, 1), (500, 200, 1), (500, 1200, 3), (2, 1 << 20, 2), (500, 1 << 20, 3)):
        assert await world.sql.fetchval(bounded, before, amount, size) == expected


async def test_only_the_server_that_holds_a_sink_moves_its_cursor(world: World) -> None:
    hold = "SELECT hold_sink('bus', $1, $2)"
    record = "SELECT record_sink('bus', $1, $2, $3::bigint, $2, $3 + 1, 1, $4)"

    async def shown() -> tuple[Any, ...]:
        (row,) = await world.rows("SELECT behind, state, sent, error FROM ops.sinks")
        return tuple(row)

    sql = world.sql
    first = await sql.fetchval(hold, "a", 60.0)
    epoch, position = await sql.fetchrow("SELECT epoch, position FROM sinks")  # type: ignore[misc]
    assert position == await sql.fetchval("SELECT log_head()")
    assert await sql.fetchval(hold, "b", 60.0) is None
    assert await sql.fetchval(hold, "a", 0.0) == first
    second = await sql.fetchval(hold, "b", 60.0)
    assert second == first + 1
    assert await sql.fetchval(record, first, epoch, position, None) is None
    assert await shown() == (0, "active", 0, None)
    assert await sql.fetchval(record, second, epoch, position, "No.")
    assert await shown() == (0, "failing", 1, "No.")
    await world.sql.execute("SELECT ops.post_message($1, $2, 'hi')", world.group, str(world.alice))
    assert await sql.fetchval(record, second, epoch, position - 1, None), "somebody has moved the cursor"
    assert (await shown())[0] == 1
    assert await sql.fetchval(record, second, epoch, position, None)
    assert await shown() == (0, "active", 3, None)
    assert await sql.fetchval("SELECT ops.move_sink('bus', $1)", f"{epoch}.{position}")
    assert (await shown())[0] == 1
    await sql.execute("SELECT leave_sinks('b')")
    assert (await shown())[1] == "nobody works for it"
    assert await sql.fetchval(record, second, epoch, position, None) is None
    assert await sql.fetchval("SELECT ops.forget_sink('bus')")
    assert not await sql.fetchval("SELECT ops.forget_sink('bus')")
