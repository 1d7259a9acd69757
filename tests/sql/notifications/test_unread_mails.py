"""Whose unread messages are mailed, when, and what of them."""

import asyncio
import contextlib
import hashlib
import json
from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest

from chat_core.database.pool import open_pool
from chat_core.settings import Settings
from chat_server.mail import notices
from chat_server.mail.outbox import Outbox
from tests.sql.world import World, until

FOLLOW = "SELECT follow_for_mails(1000)"
SETTLE = "SELECT settle_mail_notices(100)"
VERIFIED = "UPDATE users SET email_verified_at = now() WHERE kind = 'person'"
CHOOSE = "SELECT change_notification_settings($1, $2)"
REPLY = "SELECT post_reply($1, $2, $3, $4, $5, NULL, $6)"


async def settle(world: World) -> list[tuple[int, str, list[int]]]:
    """The mails of what has been written, as if its time had come: to whom, of what kind, with which messages."""
    await world.sql.fetchval(FOLLOW)
    await world.sql.execute("UPDATE mail_notices SET due_at = now() WHERE due_at IS NOT NULL")
    before = await world.sql.fetchval("SELECT coalesce(max(id), 0) FROM mails")
    await world.sql.fetchval(SETTLE)
    rows = await world.rows("SELECT user_id, kind, details FROM mails WHERE id > $1 ORDER BY user_id, id", before)
    return sorted((person, kind, sorted(json.loads(details)["messages"])) for person, kind, details in rows)


async def said(world: World, mail: int | None = None) -> list[str]:
    mail = mail or await world.sql.fetchval("SELECT max(id) FROM mails")
    return [row["content"] for row in await world.sql.fetch("SELECT * FROM mailed_messages($1)", mail)]


async def read(world: World, person: int, chat: int) -> None:
    await world.sql.execute(
        "UPDATE chat_members SET last_read_seq = (SELECT last_seq FROM chats WHERE id = $1) "
        "WHERE chat_id = $1 AND user_id = $2",
        chat,
        person,
    )


async def test_mentions_and_direct_messages_are_mailed_once(world: World) -> None:
    alice, bob, carol = world.alice, world.bob, world.carol
    await world.sql.execute(VERIFIED)
    assert await settle(world) == []
    both = await world.add_chat("Single", "alice", "bob")
    direct = await world.post("hello", chat=both)
    named, _ = await world.post("@bob"), await world.post("nobody")
    everybody = await world.post("@all")
    assert await settle(world) == [
        (bob, "notification", [direct]),
        (bob, "notification", [named, everybody]),
        (carol, "notification", [everybody]),
    ]
    assert await settle(world) == []
    await world.sql.execute("UPDATE messages SET content = '@bob and @carol' WHERE id = $1", named)
    assert await settle(world) == [(carol, "notification", [named])]  # whom the edit adds
    await world.sql.execute("UPDATE mail_notice_state SET position = 0")  # a backup of before has been restored
    assert await settle(world) == []
    await world.post("@alice", sender=bob)
    assert [person for person, *_ in await settle(world)] == [alice]


async def test_what_is_not_mailed(world: World) -> None:
    bob, carol = world.bob, world.carol
    await world.post("@bob @carol")
    assert await settle(world) == []  # nobody has confirmed their address
    await world.sql.execute(VERIFIED)
    for change in (
        "UPDATE chat_members SET muted_until = now() + interval '1 hour' WHERE user_id = $1",
        "UPDATE users SET status = 'suspended' WHERE id = $1",
        "UPDATE chat_members SET notification_level = 'none' WHERE user_id = $1",
        "SELECT note_bounce($1, 'bob@example.com', '5.1.1', 'nobody')",
        """SELECT change_notification_settings($1, '{"email": "off"}')""",
        "DELETE FROM chat_members WHERE user_id = $1",
    ):
        for when in ("before", "after"):
            transaction = world.sql.transaction()
            await transaction.start()
            if when == "before":
                await world.sql.execute(change.replace("$1", str(bob)))
            post = await world.post("@bob @carol")
            await world.sql.execute(
                "INSERT INTO mail_notices (user_id, message_id, chat_id, due_at) "
                "SELECT user_id, $1, $2, now() FROM who_is_told($1)",
                post,
                world.group,
            )
            if when == "after":
                await world.sql.execute(change.replace("$1", str(bob)))
            await world.sql.fetchval(SETTLE)
            assert await world.rows("SELECT user_id FROM mails") == [(carol,)], (change, when)
            await transaction.rollback()


async def test_a_mail_says_what_is_there_when_it_is_sent(world: World) -> None:
    await world.sql.execute(VERIFIED)
    first, second, third = [await world.post(f"@bob {word}") for word in ("one", "two", "three")]
    assert [kind for _, kind, _ in await settle(world)] == ["notification"]
    assert await said(world) == ["@bob one", "@bob two", "@bob three"]
    await world.sql.execute("UPDATE messages SET content = '@bob second' WHERE id = $1", second)
    await world.sql.execute("UPDATE messages SET content = 'one' WHERE id = $1", first)
    assert await said(world) == ["@bob second", "@bob three"]
    await world.sql.execute("UPDATE messages SET deleted_at = now() WHERE id = $1", third)
    assert await said(world) == ["@bob second"]
    for change in (
        "DELETE FROM chat_members WHERE user_id = $1",
        "UPDATE users SET email = 'other@example.com' WHERE id = $1",
        "UPDATE users SET status = 'suspended' WHERE id = $1",
        "UPDATE chat_members SET last_read_seq = 2 WHERE user_id = $1",
        """SELECT change_notification_settings($1, '{"email": "off"}')""",
        "SELECT note_bounce($1, 'bob@example.com', '5.1.1', 'nobody')",
        "UPDATE messages SET content = 'x' WHERE deleted_at IS NULL AND $1 > 0",
        "ALTER TABLE messages DROP CONSTRAINT messages_type_known; "
        "UPDATE messages SET type = 'sealed' WHERE deleted_at IS NULL",
    ):
        transaction = world.sql.transaction()
        await transaction.start()
        await world.sql.execute(change.replace("$1", str(world.bob)))
        assert await said(world) == [], change
        await transaction.rollback()
    await read(world, world.bob, world.group)
    assert await said(world) == []


async def test_a_mail_waits_for_whoever_uses_a_device(world: World) -> None:
    bob = world.bob
    await world.sql.execute(VERIFIED)
    post = await world.post("@bob")
    await world.sql.execute("INSERT INTO notify_nodes (node, expires_at) VALUES ('n', now() + interval '1 hour')")
    session = await world.sql.fetchval(
        "INSERT INTO sessions (user_id, expires_at) VALUES ($1, now() + interval '1 day') RETURNING id", bob
    )
    await world.sql.execute("INSERT INTO streams VALUES ('n', 1, $1, $2, '', now())", bob, session)
    assert await settle(world) == []
    waits = "SELECT due_at > now() + interval '1 minute' FROM mail_notices WHERE due_at IS NOT NULL"
    assert await world.rows(waits) == [(True,)]
    await world.sql.execute("INSERT INTO idle_sessions VALUES ($1)", session)
    await world.sql.execute(
        "INSERT INTO presences (user_id, presence, told_at) VALUES ($1, 'away', now() - interval '1 minute') "
        "ON CONFLICT (user_id) DO UPDATE SET presence = 'away', told_at = excluded.told_at",
        bob,
    )
    assert await settle(world) == []  # for a minute only
    await world.sql.execute("UPDATE presences SET told_at = now() - interval '3 minutes'")
    assert await settle(world) == [(bob, "notification", [post])]

    await world.sql.execute("DELETE FROM idle_sessions")
    await world.post("@bob again")
    assert await settle(world) == []
    await world.sql.execute("UPDATE mail_notices SET created_at = now() - interval '25 hours'")
    assert await settle(world) == []
    await world.sql.execute("DELETE FROM streams")
    await world.sql.execute("UPDATE presences SET presence = 'offline', seen_at = NULL")
    assert await settle(world) == []  # they have had a day to look


async def test_many_mails_of_messages_wait_and_links_go_first(world: World) -> None:
    sql, bob = world.sql, world.bob
    await sql.execute(VERIFIED)
    sent = 0
    for _ in range(19):
        await world.post("@bob")
        sent += len(await settle(world))
    chats = [await world.add_chat("Single", "alice", "bob"), await world.add_chat("Group", "alice", "bob")]
    posts = [await world.post("@bob", chat=chat) for chat in chats]
    assert (sent, await settle(world)) == (19, [(bob, "notification", posts[:1])])  # the twentieth
    posts.append(await world.post("@bob again", chat=chats[1]))
    assert await settle(world) == []
    assert await world.rows(
        "SELECT DISTINCT due_at > now() + interval '50 minutes' FROM mail_notices WHERE due_at > now()"
    ) == [(True,)]
    await sql.execute("UPDATE rate_limits SET window_ends = now()")
    assert await settle(world) == [(bob, "notification", posts[1:])]
    await sql.execute(
        "INSERT INTO mails (kind, recipient, user_id, language, expires_at, due_at) "
        "VALUES ('password_reset', 'bob@example.com', $1, 'en', now() + interval '1 hour', now())",
        bob,
    )
    await sql.execute("UPDATE mails SET due_at = now() - interval '1 minute' WHERE kind = 'notification'")
    assert await world.rows("SELECT kind FROM claim_mails(1, 60)") == [("password_reset",)]


async def test_digests(world: World) -> None:
    bob, carol = world.bob, world.carol
    await world.sql.execute(VERIFIED)
    both = await world.add_chat("Single", "alice", "bob")
    await world.sql.execute(CHOOSE, bob, '{"email": "daily", "language": "zh", "time_zone": "Asia/Shanghai"}')
    posts = [await world.post("@bob"), await world.post("hello", chat=both), await world.post("@bob 2")]
    await world.sql.fetchval(FOLLOW)
    morning = "SELECT due_at AT TIME ZONE 'Asia/Shanghai' FROM mail_notices WHERE user_id = $1 LIMIT 1"
    due = await world.sql.fetchval(morning, bob)
    assert (due.hour, due.minute) == (8, 0)
    assert await settle(world) == [(bob, "digest", posts)]
    assert await world.sql.fetchval("SELECT language FROM mails") == "zh"
    assert await said(world) == ["@bob", "@bob 2", "hello"]  # chat by chat

    await world.sql.execute(CHOOSE, carol, '{"email": "weekly"}')
    await world.post("@carol")
    await world.sql.fetchval(FOLLOW)
    of_carol = "SELECT extract(isodow FROM due_at AT TIME ZONE 'UTC')::int FROM mail_notices WHERE user_id = $1"
    assert await world.sql.fetchval(of_carol, carol) == 1
    await world.sql.execute(CHOOSE, carol, '{"email": "at_once"}')
    soon = "SELECT due_at < now() + interval '3 minutes' FROM mail_notices WHERE user_id = $1"
    assert await world.sql.fetchval(soon, carol)
    await world.sql.execute(CHOOSE, carol, '{"email": "off"}')
    assert await settle(world) == []

    many = [await world.post("@bob") for _ in range(53)]
    assert await settle(world) == [(bob, "digest", many[3:])]
    assert await world.sql.fetchval("SELECT details ->> 'more' FROM mails ORDER BY id DESC") == "3"


async def test_all_that_is_due_is_settled_at_one_look(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step takes so many notices, which may be of fewer people."""
    await world.sql.execute(VERIFIED)
    for text in ("@bob", "@bob", "@bob", "@carol", "@carol", "@carol"):
        await world.post(text)
    await world.sql.fetchval(FOLLOW)
    await world.sql.execute("UPDATE mail_notices SET due_at = now()")
    monkeypatch.setattr(notices, "LOOK_SECONDS", 3600)
    monkeypatch.setattr(notices, "NOTICES_AT_ONCE", 2)
    outbox = mock.Mock(spec=Outbox)
    pool = await open_pool(Settings.model_validate({"database": {"url": world.database.chat_url}}).database, "test")
    try:
        noticing = asyncio.create_task(notices.keep_noticing(pool, outbox))
        settled = "SELECT count(*) = 0 FROM mail_notices WHERE due_at IS NOT NULL"
        async with asyncio.timeout(60):
            await until(lambda: world.sql.fetchval(settled), "everything is settled")
        assert outbox.wake.called
        noticing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await noticing
    finally:
        await pool.close()
    assert await world.rows("SELECT user_id FROM mails ORDER BY user_id") == [(world.bob,), (world.carol,)]


async def test_only_another_choice_moves_what_waits(world: World) -> None:
    sql, bob = world.sql, world.bob
    await sql.execute(VERIFIED)
    await world.post("@bob")
    await sql.fetchval(FOLLOW)
    put = "UPDATE mail_notices SET due_at = now() + $1"
    due = "SELECT to_char(due_at - now(), 'HH24:MI:SS') FROM mail_notices"
    for change in ("push", "push_content"):  # the first row of theirs, and the next
        async with sql.transaction():
            await sql.execute(put, timedelta(seconds=-7))
            await sql.fetchval(CHOOSE, bob, json.dumps({change: "none", "time_zone": "Asia/Shanghai"}))
            assert await sql.fetchval(due) == "00:00:-07"
    async with sql.transaction():
        await sql.fetchval(CHOOSE, bob, '{"email": "daily"}')
        hour = "SELECT extract(hour FROM due_at AT TIME ZONE $1)::int FROM mail_notices"
        assert await sql.fetchval(hour, "Asia/Shanghai") == 8
        await sql.fetchval(CHOOSE, bob, '{"time_zone": "Asia/Tokyo"}')
        assert await sql.fetchval(hour, "Asia/Tokyo") == 8
        await sql.execute(put, timedelta(seconds=-7))
        await sql.fetchval(CHOOSE, bob, '{"time_zone": "UTC", "email": "daily"}')
        assert await sql.fetchval(due) == "00:00:-07"
        await sql.fetchval(CHOOSE, bob, '{"email": "at_once"}')
        assert await sql.fetchval(due) == "00:02:00"


async def test_the_next_mails_are_found_by_index(world: World) -> None:
    """However many wait that tell of messages."""
    await world.sql.execute(
        "INSERT INTO mails (kind, recipient, user_id, language, expires_at) "
        "SELECT 'digest', 'bob@example.com', $1, 'en', now() + interval '1 day' FROM generate_series(1, 2000)",
        world.bob,
    )
    await world.sql.execute("ANALYZE mails")
    read = "SELECT coalesce(sum(seq_tup_read + idx_tup_fetch), 0) FROM pg_stat_xact_user_tables WHERE relname = 'mails'"
    async with world.sql.transaction():
        before = await world.sql.fetchval(read)
        assert len(await world.sql.fetch("SELECT * FROM claim_mails(5, 60)")) == 5
        assert await world.sql.fetchval(read) - before < 100


@pytest.mark.parametrize(
    ("choice", "zone", "moment", "due"),
    [
        ("at_once", "UTC", "2026-11-30 10:00", "2026-11-30 10:02"),
        ("daily", "UTC", "2026-11-30 07:59", "2026-11-30 08:00"),
        ("daily", "UTC", "2026-11-30 08:00", "2026-12-01 08:00"),
        ("daily", "Asia/Shanghai", "2026-11-30 10:00", "2026-12-01 00:00"),
        ("daily", "Europe/Berlin", "2026-03-28 10:00", "2026-03-29 06:00"),  # summer has begun meanwhile
        ("daily", "America/New_York", "2026-10-31 23:00", "2026-11-01 13:00"),  # and ended
        ("weekly", "UTC", "2026-11-30 07:00", "2026-11-30 08:00"),
        ("weekly", "UTC", "2026-11-30 09:00", "2026-12-07 08:00"),
        ("weekly", "Pacific/Auckland", "2026-11-29 10:00", "2026-11-29 19:00"),
    ],
)
async def test_when_a_mail_is_due(world: World, choice: str, zone: str, moment: str, due: str) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert await world.sql.fetchval("SELECT mail_due_at($1, $2, $3)", choice, zone, at) == datetime.fromisoformat(
        due
    ).replace(tzinfo=UTC)
    assert await world.sql.fetchval("SELECT mail_due_at('off', $1, $2)", zone, at) is None


async def test_an_address_that_bounces_gets_mail_again_once_it_is_confirmed(world: World) -> None:
    sql, bob = world.sql, world.bob
    await sql.execute(VERIFIED)
    assert not await sql.fetchval("SELECT note_bounce($1, 'former@example.com', '5.1.1', '')", bob)
    assert await sql.fetchval("SELECT note_bounce($1, 'bob@example.com', '5.1.1', repeat('x', 400))", bob)
    assert await world.rows("SELECT address, status FROM ops.bounces") == [("bob@example.com", "5.1.1")]
    settings = json.loads(await sql.fetchval("SELECT notification_settings_json(notification_settings_of($1))", bob))
    assert settings["bounced_at"] is not None
    insert = (
        "INSERT INTO mails (kind, recipient, user_id, language, expires_at) "
        "VALUES ($1, 'bob@example.com', $2, 'en', now() + interval '1 day')"
    )
    for kind in ("new_device", "notification", "digest", "verify_address"):
        await sql.execute(insert, kind, bob)
    claimed = await world.rows("SELECT kind FROM claim_mails(10, 60) ORDER BY kind")
    assert claimed == [("new_device",), ("verify_address",)]
    assert await sql.fetchval("SELECT count(*) FROM ops.mail WHERE state = 'failed' AND error LIKE '%bounced%'") == 2
    await sql.execute("SELECT ask_for_verification($1, 'en', 5)", bob)
    link = await sql.fetchval("SELECT seed FROM mails ORDER BY id DESC LIMIT 1")
    assert await sql.fetchval("SELECT outcome FROM confirm_address($1)", link) == "verified"
    assert await world.rows("SELECT 1 FROM mail_bounces") == []
    assert await sql.fetchval("SELECT note_bounce($1, 'BOB@example.com', '5.1.1', '')", bob)
    await sql.execute("UPDATE users SET email = 'bobby@example.com' WHERE id = $1", bob)
    assert await world.rows("SELECT 1 FROM mail_bounces") == []


async def test_who_may_answer(world: World) -> None:
    sql, bob = world.sql, world.bob
    digests = (hashlib.sha256(bytes([number])).digest() for number in range(100))
    await sql.execute(VERIFIED)
    root = await world.post("@bob")

    async def reply(digest: bytes | None = None, thread: int = 0, address: str = "Bob@Example.com") -> str:
        outcome = await sql.fetchval(REPLY, bob, address, world.group, thread, "yes", digest or next(digests))
        return str(outcome)

    once = next(digests)
    assert [await reply(once), await reply(once)] == ["created", "repeated"]
    assert await reply(thread=root) == "created"
    posted = "SELECT sender_id, content, reply_to, thread_id FROM messages WHERE sender_id = $1 ORDER BY id"
    assert await world.rows(posted, bob) == [(bob, "yes", None, None), (bob, "yes", root, root)]
    assert await reply(address="carol@example.com") == "stranger"
    other = await world.add_chat("Group", "alice")
    elsewhere = await world.post(chat=other)
    assert await reply(thread=elsewhere) == "no_reply_to"
    kept = next(digests)
    for change, outcome in (
        ("UPDATE users SET status = 'suspended' WHERE id = $1", "stranger"),
        ("UPDATE users SET email_verified_at = NULL WHERE id = $1", "stranger"),
        ("DELETE FROM chat_members WHERE user_id = $1", "not_found"),
        ("UPDATE chat_members SET silenced_until = now() + interval '1 hour' WHERE user_id = $1", "silenced"),
        ("UPDATE chats SET archived_at = now() WHERE $1 > 0", "archived"),
    ):
        transaction = sql.transaction()
        await transaction.start()
        await sql.execute(change.replace("$1", str(bob)))
        assert await reply(kept) == outcome, change
        await transaction.rollback()
    assert await reply(kept) == "created"  # a refused one may come again


async def test_what_is_over_is_forgotten(world: World) -> None:
    await world.sql.execute(VERIFIED)
    await world.post("@bob")
    await settle(world)
    await world.sql.execute(REPLY, world.bob, "bob@example.com", world.group, 0, "yes", b"x" * 32)
    await world.sql.fetch("SELECT expire_mail_notices(100)")
    counts = "SELECT (SELECT count(*) FROM mail_notices), (SELECT count(*) FROM received_mails)"
    assert await world.rows(counts) == [(1, 1)]
    await world.sql.execute("UPDATE mail_notices SET created_at = now() - interval '11 days'")
    await world.sql.execute("UPDATE received_mails SET received_at = now() - interval '61 days'")
    assert len(await world.sql.fetch("SELECT expire_mail_notices(100)")) == 2, "both are counted"
    assert await world.rows(counts) == [(0, 0)]
