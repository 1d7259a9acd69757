"""dialogs: how long they are open, and to whom."""

import asyncpg
import pytest

from tests.sql.integrations.test_bots import bot_of
from tests.sql.world import World

OPEN = "SELECT id FROM open_dialog($1, $2, $3, $4, $5, $6)"
TOP = "SELECT id FROM top_dialog($1)"
ENDPOINT = "INSERT INTO bot_endpoints (bot_id, url, secret) VALUES ($1, 'https://bot.example', repeat('x', 32)::bytea)"
FORM = '{"external_id": ""}'
ON = "INSERT INTO features VALUES ('enable_bot_messages', true) ON CONFLICT (name) DO UPDATE SET enabled = true"


async def asking(world: World) -> int:
    """A bot that hears what people do in its dialogs."""
    await world.sql.execute(ON)
    bot = await bot_of(world, "alice")
    await world.sql.execute(ENDPOINT, bot)
    return bot


async def test_a_dialog_is_for_somebody_in_the_chat(world: World) -> None:
    bot = await asking(world)
    dialog = await world.sql.fetchval(OPEN, bot, world.bob, world.group, None, FORM, None)
    assert await world.sql.fetchval(TOP, world.bob) == dialog
    await world.sql.execute("DELETE FROM chat_members WHERE (chat_id, user_id) = ($1, $2)", world.group, world.bob)
    assert await world.sql.fetchval(TOP, world.bob) is None
    for below in (None, dialog):
        assert await world.sql.fetchval(OPEN, bot, world.bob, world.group, below, FORM, None) is None


async def test_nobody_sees_a_dialog_that_no_endpoint_would_hear_of(world: World) -> None:
    bot = await asking(world)
    dialog = await world.sql.fetchval(OPEN, bot, world.bob, world.group, None, FORM, None)
    assert await world.sql.fetchval(TOP, world.bob) == dialog
    await world.sql.execute("DELETE FROM bot_endpoints WHERE bot_id = $1", bot)
    assert await world.sql.fetchval(TOP, world.bob) is None


async def test_what_is_asked_for_in_a_dialog_lasts_no_longer_than_it(world: World) -> None:
    bot = await asking(world)
    since = await world.sql.fetchval("SELECT now() - interval '59 minutes'")
    dialog = await world.sql.fetchval(OPEN, bot, world.bob, world.group, None, FORM, since)
    assert await world.sql.fetchval("SELECT created_at FROM dialogs WHERE id = $1", dialog) == since
    late = await world.sql.fetchval("SELECT now() - interval '61 minutes'")
    assert await world.sql.fetchval(OPEN, bot, world.bob, world.group, dialog, FORM, late) is None
    await world.sql.execute("UPDATE dialogs SET created_at = $1", late)
    assert await world.sql.fetchval(TOP, world.bob) is None


async def test_a_bots_name_for_a_dialog_means_one(world: World) -> None:
    bot = await asking(world)
    named = '{"external_id": "deploys"}'
    for _ in range(2):  # the second takes the place of the first
        await world.sql.fetchval(OPEN, bot, world.bob, world.group, None, named, None)
    with pytest.raises(asyncpg.UniqueViolationError, match="dialogs_external_id_key"):
        await world.sql.fetchval(OPEN, bot, world.carol, world.group, None, named, None)
    other = await world.sql.fetchval(OPEN, bot, world.carol, world.group, None, FORM, None)
    change = "UPDATE dialogs SET view = $2 WHERE id = $1"
    with pytest.raises(asyncpg.UniqueViolationError, match="dialogs_external_id_key"):
        await world.sql.execute(change, other, named)
    await world.sql.execute("DELETE FROM chat_members WHERE (chat_id, user_id) = ($1, $2)", world.group, world.bob)
    assert await world.sql.fetchval(OPEN, bot, world.carol, world.group, None, named, None), "it is free again"
