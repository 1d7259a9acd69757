"""Bans, silences, the archive and passwords of a chat: what holds whoever writes, and what is told of it."""

import asyncio

import asyncpg
import pytest

from tests.sql.world import World, blocked

ADD = "INSERT INTO chat_members (chat_id, user_id) VALUES ($1, $2)"
BAN = "INSERT INTO chat_bans (chat_id, user_id) VALUES ($1, $2)"
SILENCE = "UPDATE chat_members SET silenced_until = now() + interval '1 hour' WHERE user_id = $1"


async def refused(world: World, constraint: str, statement: str, *arguments: object) -> None:
    with pytest.raises(asyncpg.PostgresError) as error:
        await world.sql.execute(statement, *arguments)
    assert error.value.constraint_name == constraint


async def kinds(world: World) -> list[str]:
    return [event.kind for event in await world.events()]


async def test_a_silenced_member_posts_nothing_until_it_is_over(world: World) -> None:
    await world.sql.execute(SILENCE, world.carol)
    [event] = await world.events()
    assert event.about() == ("ChatMemberUpdated", "chat", world.group, world.carol, None)
    assert event.payload["silenced_until"] is not None
    post = "INSERT INTO messages (chat_id, sender_id, content) VALUES ($1, $2, 'hi')"
    await refused(world, "member_is_silenced", post, world.group, world.carol)
    await refused(world, "member_is_silenced", f"{post}, ($1, $3, 'hi')", world.group, world.bob, world.carol)
    await world.post(sender=world.bob)
    assert await world.rows(
        "SELECT post_refused($1, u) IS NULL FROM unnest($2::bigint[]) u", world.group, [world.bob, world.carol]
    ) == [
        (True,),
        (False,),
    ]
    await world.sql.execute("UPDATE chat_members SET silenced_until = now() WHERE user_id = $1", world.carol)
    await world.post(sender=world.carol)


@pytest.mark.parametrize("state", ["silenced", "archived", "gone"])
async def test_who_may_not_post_neither_edits_reacts_nor_pins_and_an_operator_clears_up(
    world: World, state: str
) -> None:
    change, constraint = {
        "silenced": ("UPDATE chat_members SET silenced_until = 'tomorrow' WHERE user_id = 3", "member_is_silenced"),
        "archived": ("UPDATE chats SET archived_at = now()", "chat_is_archived"),
        "gone": ("DELETE FROM chat_members WHERE user_id = 3", "sender_is_member"),
    }[state]
    carol, (first, second) = world.carol, [await world.post(sender=world.carol) for _ in range(2)]
    assert carol == 3
    react = f"INSERT INTO message_reactions (message_id, user_id, emoji) VALUES ({first}, {carol}"
    pin = "INSERT INTO message_pins (message_id, pinned_by) VALUES"
    await world.sql.execute(f"{react}, '👍'), ({second}, {carol}, '👍'); {pin} ({first}, {carol}); {change}")
    for statement in (f"{react}, '🎉')", f"{pin} ({second}, {carol})"):
        await refused(world, constraint, statement)
    as_carol = f"SELECT set_config('fechatter.actor', '{carol}', true);"
    clearing = (
        f"UPDATE messages SET content = 'redacted' WHERE id = {first}",
        f"DELETE FROM message_pins WHERE message_id = {first}",
        f"DELETE FROM message_reactions WHERE message_id = {first}",
    )
    for statement in clearing:
        await refused(world, constraint, as_carol + statement)
    for statement in clearing:
        await world.sql.execute(statement)
    await world.sql.execute(f"{as_carol} UPDATE messages SET deleted_at = now() WHERE id = {second}")
    await world.sql.execute("DELETE FROM messages")
    assert await world.rows("SELECT FROM message_reactions") == []


async def test_to_leave_and_come_back_ends_no_silence(world: World) -> None:
    await world.sql.execute(SILENCE, world.carol)
    [until] = await world.rows("SELECT silenced_until FROM chat_members WHERE user_id = $1", world.carol)
    for leave, back in (
        ("DELETE FROM chat_members WHERE user_id = $1", None),
        (
            "DELETE FROM workspace_members WHERE user_id = $1",
            "INSERT INTO workspace_members (workspace_id, user_id) VALUES ($1, $2)",
        ),
    ):
        await world.sql.execute(leave, world.carol)
        if back:
            await world.sql.execute(back, world.acme, world.carol)
        await world.events()
        await world.sql.execute(ADD, world.group, world.carol)
        new_chat, joined = await world.events()
        assert new_chat.payload["silenced_until"] == joined.payload["silenced_until"] is not None
        assert await world.rows("SELECT silenced_until FROM chat_members WHERE user_id = $1", world.carol) == [until]
        assert await world.rows("SELECT * FROM chat_silences") == []


@pytest.mark.parametrize("table", ["chats", "users"])
async def test_what_goes_takes_its_silences_with_it(world: World, table: str) -> None:
    await world.sql.execute(SILENCE, world.carol)
    await world.sql.execute(f"DELETE FROM {table} WHERE id = $1", world.group if table == "chats" else world.carol)
    assert await world.rows("SELECT * FROM chat_silences") == []


async def test_an_archived_chat_takes_no_messages_and_no_members(world: World) -> None:
    await world.sql.execute("UPDATE chats SET archived_at = now()")
    [event] = await world.events()
    assert event.about() == ("ChatUpdated", "chat", world.group, None, None)
    assert event.payload["archived_at"] is not None
    post = "INSERT INTO messages (chat_id, sender_id, content) VALUES ($1, $2, 'hi')"
    await refused(world, "chat_is_archived", post, world.group, world.alice)
    await refused(world, "chat_is_archived", ADD, world.group, world.dave)
    await world.sql.execute("DELETE FROM chat_members WHERE user_id = $1", world.carol)
    await world.sql.execute("UPDATE chats SET archived_at = NULL")
    await world.post()
    await world.sql.execute(ADD, world.group, world.dave)


async def test_a_password_is_told_of_and_not_told(world: World) -> None:
    await world.sql.execute("UPDATE chats SET type = 'PrivateChannel'")
    await world.events()
    await world.sql.execute("UPDATE chats SET password_hash = 'secret'")
    [event] = await world.events()
    assert event.payload["has_password"] is True
    assert "secret" not in str(event.payload)
    await world.sql.execute("UPDATE chats SET password_hash = 'another'")
    assert await world.events() == []
    await refused(world, "chats_password_of_private", "UPDATE chats SET type = 'PublicChannel'")


async def test_a_ban_takes_out_and_keeps_out(world: World) -> None:
    await world.sql.execute(BAN, world.group, world.carol)
    left, banned, for_admins = await world.events()
    assert left.about() == ("UserLeftChat", "chat", world.group, world.carol, None)
    # The one who is out hears no more of the chat: so it is told to the chat alone.
    assert banned.about() == ("UserBanned", "chat", world.group, None, None)
    assert list(banned.payload) == ["chat_id", "user_id", "created_at", "expires_at"]
    assert for_admins.about() == ("ChatBanUpdated", "admins", world.group, None, None)
    assert for_admins.payload == banned.payload | {"banned_by": None, "reason": ""}
    await refused(world, "member_is_banned", ADD, world.group, world.carol)
    await refused(world, "member_is_banned", f"{ADD}, ($1, $3)", world.group, world.dave, world.carol)
    await world.sql.execute("UPDATE chat_bans SET reason = 'noise'")
    [reasoned] = await world.events()
    assert (reasoned.kind, reasoned.payload["reason"]) == ("ChatBanUpdated", "noise")
    await world.sql.execute("UPDATE chat_bans SET created_at = now() - interval '2 hours', expires_at = now()")
    assert await kinds(world) == ["UserBanned", "ChatBanUpdated"]
    await world.sql.execute(ADD, world.group, world.carol)
    await world.events()
    await world.sql.execute("UPDATE chat_bans SET expires_at = NULL")
    assert await kinds(world) == ["UserLeftChat", "UserBanned", "ChatBanUpdated"]
    await world.sql.execute("DELETE FROM chat_bans")
    [lifted] = await world.events()
    assert (lifted.about(), lifted.payload) == (
        ("UserUnbanned", "chat", world.group, None, None),
        {"chat_id": world.group, "user_id": world.carol},
    )
    await world.sql.execute(ADD, world.group, world.carol)


async def test_the_last_owner_is_not_banned(world: World) -> None:
    await refused(world, "chat_keeps_owner", BAN, world.group, world.alice)
    assert await world.rows("SELECT * FROM chat_bans") == []


async def test_who_joins_while_they_are_banned_is_out_whoever_is_first(world: World) -> None:
    ban, join = await world.connect(), await world.connect()
    await ban.execute("BEGIN")
    await ban.execute(BAN, world.group, world.dave)
    joining = asyncio.create_task(join.execute(ADD, world.group, world.dave))
    await blocked(world, join)
    await ban.execute("COMMIT")
    with pytest.raises(asyncpg.PostgresError, match="is banned"):
        await joining
    await world.sql.execute("DELETE FROM chat_bans")
    await join.execute("BEGIN")
    await join.execute(ADD, world.group, world.dave)
    banning = asyncio.create_task(ban.execute(BAN, world.group, world.dave))
    await blocked(world, ban)
    await join.execute("COMMIT")
    await banning
    assert await world.rows("SELECT FROM chat_members WHERE user_id = $1", world.dave) == []


async def test_a_new_admin_is_told_what_the_others_know(world: World) -> None:
    await world.sql.execute(BAN, world.group, world.carol)
    await world.events()
    promote = "UPDATE chat_members SET role = $2 WHERE user_id = $1"
    await world.sql.execute(promote, world.bob, "admin")
    updated, added = await world.events()
    assert updated.kind == "ChatMemberUpdated"
    assert added.about() == ("ChatAdminAdded", "admins", world.group, None, None)
    assert (added.payload["user_id"], added.payload["invites"]) == (world.bob, [])
    assert [ban["user_id"] for ban in added.payload["bans"]] == [world.carol]
    for role in ("owner", "member"):
        await world.sql.execute(promote, world.bob, role)
        assert await kinds(world) == ["ChatMemberUpdated"]


async def test_what_a_ban_is_about_is_final(world: World) -> None:
    await world.sql.execute(BAN, world.group, world.carol)
    await refused(world, "key_is_final", "UPDATE chat_bans SET user_id = $1", world.dave)


async def test_a_chat_that_goes_takes_bans_with_it_without_a_word(world: World) -> None:
    await world.sql.execute(BAN, world.group, world.dave)
    await world.events()
    await world.sql.execute("DELETE FROM chats")
    assert await kinds(world) == ["ChatDeleted"] * 3


async def test_it_is_all_in_the_audit_log_and_nothing_secret(world: World) -> None:
    await world.sql.execute("UPDATE chats SET type = 'PrivateChannel'")
    before = await world.sql.fetchval("SELECT coalesce(max(id), 0) FROM audit_log")
    for statement in (
        "UPDATE chats SET archived_at = now()",
        "UPDATE chats SET archived_at = NULL",
        "UPDATE chats SET password_hash = 'secret'",
        "UPDATE chats SET password_hash = NULL",
        "UPDATE chat_members SET silenced_until = now() + interval '1 hour' WHERE user_id = 3",
        "UPDATE chat_members SET silenced_until = NULL WHERE user_id = 3",
        "INSERT INTO chat_bans (chat_id, user_id, reason) VALUES (1, 4, 'noise')",
        "DELETE FROM chat_bans",
        "INSERT INTO invites (chat_id, role, token_hash, created_by, expires_at) "
        "VALUES (1, 'member', sha256('secret'), 1, now() + interval '1 day')",
        "UPDATE invites SET uses = 1",
        "DELETE FROM invites",
    ):
        await world.sql.execute(statement)
    written = await world.rows("SELECT action, target_id, a::text FROM audit_log a WHERE id > $1 ORDER BY id", before)
    assert [row[:2] for row in written] == [
        ("chat_archived", 1),
        ("chat_unarchived", 1),
        ("chat_password_set", 1),
        ("chat_password_removed", 1),
        ("chat_member_silenced", 3),
        ("chat_member_silence_ended", 3),
        ("chat_member_banned", 4),
        ("chat_ban_lifted", 4),
        ("invite_created", 1),
        ("invite_revoked", 1),
    ]
    assert "noise" in written[6][2]
    assert not any("secret" in row[2] for row in written)
