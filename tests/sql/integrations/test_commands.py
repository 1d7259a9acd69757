"""commands, bot_endpoints and private_answers: what holds for psql too."""

import asyncpg
import pytest

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
    await world.sql.execute("UPDATE private_answers SET created_at = now() - interval '61 minutes'")
    await world.sql.fetchval(ANSWER, bot, world.alice, chat, "new")
    assert await world.rows("SELECT content FROM private_answers") == [("new",)]
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
    claim = "SELECT count(*) FROM claim_bot_event(30)"
    assert [await world.sql.fetchval(claim) for _ in range(4)] == [1, 1, 1, 0]
    assert await world.rows("SELECT DISTINCT kind, tries FROM bot_events") == [("message", 1)]
