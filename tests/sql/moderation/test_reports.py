"""Reports in SQL: what is kept of the message, who may make one, who is told of it."""

import asyncio
import json

import asyncpg
import pytest

from tests.sql.world import World, blocked

FILE = "INSERT INTO reports (message_id, reporter_id, reason) VALUES ($1, $2, 'spam')"


async def test_a_report_keeps_the_message_as_it_was(world: World) -> None:
    message = await world.post("buy this")
    await world.sql.execute(FILE, message, world.bob)
    await world.sql.execute("UPDATE messages SET content = 'hello'")
    await world.sql.execute("DELETE FROM chats")
    [(workspace, chat, kept)] = await world.rows("SELECT workspace_id, chat_id, message FROM reports")
    assert (workspace, chat, json.loads(kept)["content"]) == (world.acme, world.group, "buy this")


async def test_admins_are_told_and_the_reporter_of_the_status_alone(world: World) -> None:
    message = await world.post("a secret")
    await world.events()
    await world.sql.execute(FILE, message, world.carol)
    await world.sql.execute("UPDATE reports SET note = 'looking'")
    await world.sql.execute("UPDATE reports SET status = 'resolved'")
    events = await world.events()
    admins = ("admins", None, None, [world.acme])
    assert [event.about() for event in events] == [
        ("ReportFiled", *admins),
        ("ReportUpdated", *admins),
        ("ReportUpdated", *admins),
        ("ReportHandled", "user", None, world.carol, None),
    ]
    assert "secret" not in str(events)
    assert not events[-1].payload.keys() & {"reporter_id", "note", "handled_by"}
    assert events[-1].payload["status"] == "resolved"


async def test_a_new_admin_of_a_workspace_is_told_of_its_open_reports(world: World) -> None:
    promote = "UPDATE workspace_members SET role = $2 WHERE user_id = $1"
    await world.sql.execute(promote, world.dave, "admin")
    assert [event.kind for event in await world.events()] == ["WorkspaceMemberUpdated"], "there is nothing to tell"
    await world.sql.execute(promote, world.dave, "member")
    await world.sql.execute(FILE, await world.post(), world.carol)
    await world.events()
    await world.sql.execute(promote, world.dave, "admin")
    updated, added = await world.events()
    assert updated.kind == "WorkspaceMemberUpdated"
    assert added.about() == ("WorkspaceAdminAdded", "admins", None, None, [world.acme])
    [report] = added.payload["reports"]
    assert (added.payload["user_id"], report["reason"]) == (world.dave, "spam")


async def test_a_report_that_goes_is_told_of_and_with_its_workspace_it_goes_without_a_word(world: World) -> None:
    message = await world.post()
    await world.sql.execute(FILE, message, world.bob)
    await world.events()
    await world.sql.execute("DELETE FROM reports")
    [gone] = await world.events()
    assert gone.about() == ("ReportDeleted", "admins", None, None, [world.acme])
    await world.sql.execute(FILE, message, world.bob)
    await world.events()
    await world.sql.execute("DELETE FROM workspaces WHERE id = $1", world.acme)
    assert "ReportDeleted" not in [event.kind for event in await world.events()]


async def test_only_members_report(world: World) -> None:
    message = await world.post()
    with pytest.raises(asyncpg.PostgresError, match="not a member") as refused:
        await world.sql.execute(FILE, message, world.dave)
    assert refused.value.sqlstate == "FC403"
    with pytest.raises(asyncpg.ForeignKeyViolationError, match="no message 99"):
        await world.sql.execute(FILE, 99, world.bob)


@pytest.mark.parametrize("change", ["reporter_id = 1", "message_id = 2", "reason = 'other'", "comment = 'x'"])
async def test_what_a_report_is_about_is_final(world: World, change: str) -> None:
    await world.sql.execute(FILE, await world.post(), world.bob)
    with pytest.raises(asyncpg.PostgresError, match="cannot be changed"):
        await world.sql.execute(f"UPDATE reports SET {change}")


async def test_what_retention_is_just_taking_is_not_reported(world: World) -> None:
    message = await world.post("a secret")
    retention, reporter = await world.connect(), await world.connect()
    await retention.execute("BEGIN")
    await retention.execute("UPDATE chats SET first_seq = 2")
    filed = asyncio.create_task(reporter.execute(FILE, message, world.bob))
    await blocked(world, reporter)
    await retention.execute("COMMIT")
    with pytest.raises(asyncpg.ForeignKeyViolationError, match="no message"):
        await filed
    assert await world.rows("SELECT FROM reports") == []
