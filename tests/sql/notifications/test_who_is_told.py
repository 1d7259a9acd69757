"""Who is told of a message and why: a row of docs/notifications/README.md each."""

from datetime import datetime

import pytest

from tests.sql.world import World

TOLD = "SELECT user_id, reason FROM who_is_told($1) ORDER BY user_id"
REPLY = "INSERT INTO messages (chat_id, sender_id, content, reply_to) VALUES ($1, $2, 'reply', $3) RETURNING id"
MEMBER = "UPDATE chat_members SET {} WHERE chat_id = $1 AND user_id = $2"
READ = (
    "UPDATE chat_members SET last_read_seq = (SELECT seq FROM messages WHERE id = $1) "
    "WHERE chat_id = $2 AND user_id = $3"
)


async def told(world: World, message: int) -> dict[int, str]:
    return dict(await world.rows(TOLD, message))


async def change(world: World, chat: int, person: int, what: str) -> None:
    await world.sql.execute(MEMBER.format(what), chat, person)


async def test_by_what_the_message_says(world: World) -> None:
    alice, bob, carol = world.alice, world.bob, world.carol
    assert await told(world, await world.post()) == {bob: "message", carol: "message"}
    assert await told(world, await world.post("@bob, look")) == {bob: "mention", carol: "message"}
    assert await told(world, await world.post("@all, look")) == {bob: "everyone", carol: "everyone"}
    channel = await world.add_chat("PublicChannel", "alice", "bob", "carol")
    assert await told(world, await world.post(chat=channel)) == {}
    assert await told(world, await world.post("@carol, look", chat=channel)) == {carol: "mention"}
    assert await told(world, await world.post("@all @carol", chat=channel)) == {bob: "everyone", carol: "mention"}
    both = await world.add_chat("Single", "alice", "bob")
    assert await told(world, await world.post(chat=both)) == {bob: "direct"}
    first = await world.post("the first", sender=bob, chat=both)
    assert await told(world, first) == {alice: "direct"}
    assert await told(world, await world.sql.fetchval(REPLY, both, bob, first)) == {alice: "direct"}
    assert await told(world, 99) == {}


async def test_threads_tell_those_who_follow(world: World) -> None:
    root = await world.post()
    reply = await world.sql.fetchval(REPLY, world.group, world.bob, root)
    assert await told(world, reply) == {world.alice: "thread"}  # and carol, of the same Group, is not
    await change(world, world.group, world.alice, "notification_level = 'mentions'")
    assert await told(world, reply) == {world.alice: "thread"}
    again = await world.sql.fetchval(REPLY, world.group, world.alice, root)
    assert await told(world, reply) == {}  # whoever posts has read what is above
    assert await told(world, again) == {world.bob: "thread"}
    await world.sql.execute("UPDATE thread_followers SET last_read_seq = 2 WHERE user_id = $1", world.bob)
    assert await told(world, again) == {}  # read in its pane
    await world.sql.execute("UPDATE thread_followers SET last_read_seq = 1 WHERE user_id = $1", world.bob)
    assert await told(world, again) == {world.bob: "thread"}
    await world.sql.execute("DELETE FROM thread_followers WHERE user_id = $1", world.bob)
    assert await told(world, again) == {}


async def test_by_level_and_mute(world: World) -> None:
    plain, named = await world.post(), await world.post("@bob, look")
    both = await world.add_chat("Single", "alice", "bob")
    direct = await world.post(chat=both)
    for chat in (world.group, both):
        await change(world, chat, world.bob, "notification_level = 'mentions'")
    assert world.bob not in await told(world, plain)
    assert (await told(world, named))[world.bob] == "mention"
    assert await told(world, direct) == {}
    await change(world, world.group, world.bob, "notification_level = 'none'")
    assert await told(world, named) == {world.carol: "message"}
    await change(world, world.group, world.bob, "notification_level = 'all', muted_until = now() + interval '1 hour'")
    assert await told(world, named) == {world.carol: "message"}
    await change(world, world.group, world.bob, "muted_until = now() - interval '1 second'")
    assert (await told(world, named))[world.bob] == "mention"


async def test_not_what_was_read_deleted_or_left(world: World) -> None:
    message = await world.post("@bob @carol")
    assert await told(world, message) == {world.bob: "mention", world.carol: "mention"}
    await world.sql.execute(READ, message, world.group, world.bob)  # on whatever device
    assert await told(world, message) == {world.carol: "mention"}
    await world.sql.execute("DELETE FROM chat_members WHERE chat_id = $1 AND user_id = $2", world.group, world.carol)
    assert await told(world, message) == {}
    later = await world.post()
    assert await told(world, later) == {world.bob: "message"}
    await world.sql.execute("UPDATE messages SET deleted_at = now() WHERE id = $1", later)
    assert await told(world, later) == {}


async def test_not_of_whom_one_has_blocked_and_nobody_without_an_account(world: World) -> None:
    block = "INSERT INTO invitation_blocks (user_id, {}) VALUES ($1, $2)"
    await world.sql.execute(block.format("inviter_id"), world.bob, world.alice)
    assert await told(world, await world.post("@bob")) == {world.carol: "message"}
    assert (await told(world, await world.post("@bob", sender=world.carol)))[world.bob] == "mention"
    await world.sql.execute("UPDATE users SET status = 'suspended' WHERE id = $1", world.carol)
    assert await told(world, await world.post("@carol")) == {}


async def test_what_is_wanted(world: World) -> None:
    wanted = "SELECT array_agg(reason ORDER BY reason) FROM unnest($2::text[]) reason WHERE is_wanted($1, reason)"
    reasons = ["direct", "everyone", "mention", "message", "thread"]
    assert await world.sql.fetchval(wanted, "all", reasons) == reasons
    assert await world.sql.fetchval(wanted, "personal", reasons) == ["direct", "mention", "thread"]
    assert await world.sql.fetchval(wanted, "none", reasons) is None
    assert await world.sql.fetchval("SELECT is_wanted('all', NULL)") is False


@pytest.mark.parametrize(
    ("quiet", "zone", "now", "until"),
    [
        (("22:00", "07:00"), "UTC", "21:59", None),
        (("22:00", "07:00"), "UTC", "22:00", "2026-11-30 07:00+00"),
        (("22:00", "07:00"), "UTC", "06:59", "2026-11-29 07:00+00"),
        (("22:00", "07:00"), "UTC", "07:00", None),
        (("22:00", "07:00"), "Asia/Shanghai", "14:30", "2026-11-29 23:00+00"),
        (("22:00", "07:00"), "Asia/Shanghai", "23:30", None),
        (("12:00", "13:30"), "America/New_York", "17:15", "2026-11-29 18:30+00"),
        (("12:00", "13:30"), "America/New_York", "12:15", None),
        ((None, None), "UTC", "23:00", None),
    ],
)
async def test_quiet_hours(
    world: World, quiet: tuple[str | None, str | None], zone: str, now: str, until: str | None
) -> None:
    found = await world.sql.fetchval(
        "SELECT quiet_until("
        "ROW(1, 'all', 'none', true, $1::text::time, $2::text::time, 'off', NULL)::notification_settings, $3,"
        " ('2026-11-29 ' || $4 || '+00')::timestamptz)",
        *quiet, zone, now,
    )  # fmt: skip
    assert found == (until and datetime.fromisoformat(until.replace(" ", "T") + ":00"))


async def test_who_is_active(world: World) -> None:
    active = "SELECT is_active($1)"
    session = await world.add_session(world.bob)
    assert not await world.sql.fetchval(active, world.bob)
    node = "INSERT INTO notify_nodes (node, expires_at) VALUES ('n', now() + interval '1 hour')"
    await world.sql.execute(node)
    stream = (
        "INSERT INTO streams (node, stream, user_id, session_id, address, opened_at) VALUES ('n', 1, $1, $2, '', now())"
    )
    await world.sql.execute(stream, world.bob, session)
    assert await world.sql.fetchval(active, world.bob)
    await world.sql.execute("INSERT INTO idle_sessions VALUES ($1)", session)
    assert not await world.sql.fetchval(active, world.bob)
    await world.sql.execute("DELETE FROM idle_sessions")
    await world.sql.execute("UPDATE notify_nodes SET expires_at = now()")
    assert not await world.sql.fetchval(active, world.bob)
