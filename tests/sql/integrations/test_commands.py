"""commands, bot_endpoints and private_answers: what holds for psql too."""

import asyncpg
import pytest

from chat_core.database.queries import query
from tests.sql.integrations.test_bots import bot_of
from tests.sql.world import World

ANSWER = "SELECT id FROM answer_privately($1, $2, $3, $4, NULL)"


async def test_a_command_is_of_a_bot_of_its_workspace_and_there_are_not_too_many(world: World) -> None:
    bot = await bot_of(world, "alice")
    insert = "INSERT INTO commands (workspace_id, bot_id, name, description) VALUES ($1, $2, $3, 'x')"
    for workspace, named in ((999, bot), (world.acme, world.alice)):
        with pytest.raises(asyncpg.PostgresError, match="is not in workspace"):
            await world.sql.execute(insert, workspace, named, "x")
    for number in range(50):
        await world.sql.execute(insert, world.acme, bot, f"c{number}")
    with pytest.raises(asyncpg.PostgresError, match="has 50 commands already"):
        await world.sql.execute(insert, world.acme, bot, "one-more")
    with pytest.raises(asyncpg.PostgresError, match="cannot be changed"):
        await world.sql.execute("UPDATE commands SET bot_id = $1", world.alice)
    await world.sql.execute("SELECT delete_bot($1)", bot)
    assert await world.sql.fetchval("SELECT count(*) FROM commands") == 0


async def test_private_answers_are_few_short_lived_and_between_members(world: World) -> None:
    await world.sql.execute("UPDATE features SET enabled = true WHERE name = 'enable_bot_messages'")
    await world.sql.execute("INSERT INTO features VALUES ('enable_bot_messages', true) ON CONFLICT DO NOTHING")
    bot = await bot_of(world, "alice")
    chat = await world.add_chat("Group", "alice")
    assert await world.sql.fetchval(ANSWER, bot, world.alice, chat, "not in it") is None
    await world.sql.execute("INSERT INTO chat_members (chat_id, user_id) VALUES ($1, $2)", chat, bot)
    assert await world.sql.fetchval(ANSWER, bot, world.carol, chat, "she is not") is None
    assert await world.sql.fetchval(ANSWER, world.alice, world.alice, chat, "no bot") is None
    events = await world.sql.fetchval("SELECT count(*) FROM events")
    for number in range(102):
        assert await world.sql.fetchval(ANSWER, bot, world.alice, chat, f"{number}") is not None
    kept = [row[0] for row in await world.rows("SELECT content FROM private_answers ORDER BY id")]
    assert kept == [f"{number}" for number in range(2, 102)]
    assert await world.sql.fetchval("SELECT count(*) FROM events") == events
    await world.sql.execute(
        "UPDATE private_answers SET created_at = now() - interval '61 minutes' WHERE content <> '101'"
    )
    expired = query("private_answers_expire")
    async with world.database.connect("fechatter_chat") as server:
        assert len(await expired.rows(server)) == 99
    assert await world.rows("SELECT content FROM private_answers") == [("101",)]
    await world.sql.execute("UPDATE users SET status = 'suspended' WHERE id = $1", bot)
    assert await world.sql.fetchval(ANSWER, bot, world.alice, chat, "suspended") is None


async def test_each_event_is_claimed_by_itself(world: World) -> None:
    await world.sql.execute("UPDATE features SET enabled = true WHERE name = 'enable_bot_messages'")
    bot = await bot_of(world, "alice")
    chat = await world.add_chat("Group", "alice")
    await world.sql.execute("INSERT INTO chat_members (chat_id, user_id) VALUES ($1, $2)", chat, bot)
    endpoint = "INSERT INTO bot_endpoints (bot_id, url, secret, events) VALUES ($1, 'https://x', $2, '{message}')"
    await world.sql.execute(endpoint, bot, bytes(32))
    for _ in range(3):
        await world.sql.execute(
            "INSERT INTO messages (chat_id, sender_id, content) VALUES ($1, $2, 'x'), ($1, $3, 'of a bot')",
            *(chat, world.alice, bot),
        )
    while await world.sql.fetchval("SELECT follow_bot_events(5, 100)"):
        pass
    claim = "SELECT message_id FROM claim_bot_event(30)"
    first, second = [await world.sql.fetchval(claim) for _ in range(2)]
    assert first != second
    assert await world.sql.fetchval(claim) is None, "a bot is told of two at a time"
    # Another one is told meanwhile, though what is due for it came later.
    other = await world.sql.fetchval(
        "SELECT user_id FROM create_bot($1, $2, 'other', 'Other')", world.alice, world.acme
    )
    await world.sql.execute(endpoint, other, bytes(32))
    waits = "INSERT INTO bot_events (bot_id, message_id, kind) VALUES ($1, $2, 'message')"
    await world.sql.execute(waits, other, first)
    assert await world.sql.fetchval("SELECT bot_id FROM claim_bot_event(30)") == other
    # It has its next turn once it has been told, whether it listened or not; what failed waits, and is not being told.
    await world.sql.execute("SELECT end_bot_event($1, $2, 'message', 60)", bot, first)
    third = await world.sql.fetchval(claim)
    assert third not in (first, second, None)
    assert await world.sql.fetchval(claim) is None
    await world.sql.execute("SELECT end_bot_event($1, $2, 'message', NULL)", bot, second)
    assert await world.sql.fetchval(claim) is None, "nothing else is due"
    await world.sql.execute("UPDATE bot_events SET due_at = now(), claimed_until = now()")
    taken = [await world.sql.fetchval(claim) for _ in range(4)]
    assert taken.count(None) == 1, "a server that died tells nobody any more: others take over"
    assert await world.sql.fetchval("SELECT max(tries) FROM bot_events") == 2


async def test_a_bot_has_so_many_events_waiting_and_others_have_theirs(world: World) -> None:
    bots = [
        await world.sql.fetchval("SELECT user_id FROM create_bot($1, $2, $3, 'A bot')", world.alice, world.acme, name)
        for name in ("builds", "quiet")
    ]
    chats = [await world.add_chat("Group", "alice") for _ in bots]
    for bot, chat in zip(bots, chats, strict=True):
        await world.sql.execute("INSERT INTO chat_members (chat_id, user_id) VALUES ($1, $2)", chat, bot)
        endpoint = "INSERT INTO bot_endpoints (bot_id, url, secret, events) VALUES ($1, 'https://x', $2, '{message}')"
        await world.sql.execute(endpoint, bot, bytes(32))
    say = "INSERT INTO messages (chat_id, sender_id, content) SELECT $1, $2, 'x' FROM generate_series(1, $3)"
    for amount in (150, 100):
        await world.sql.execute(say, chats[0], world.alice, amount)
        while await world.sql.fetchval("SELECT follow_bot_events(1000, 10000)"):
            pass
    await world.sql.execute(say, chats[1], world.alice, 1)
    while await world.sql.fetchval("SELECT follow_bot_events(1000, 10000)"):
        pass
    waiting = await world.rows("SELECT bot_id, count(*) FROM bot_events GROUP BY 1 ORDER BY 1")
    assert waiting == [(bots[0], 200), (bots[1], 1)]
