"""A bot's stream, and the end of it."""

import pytest

from tests.end_to_end.system import Person, System
from tests.sql.world import until
from tests.support.clients.listener import listen
from tests.support.clients.plain_http import plain_http


@pytest.mark.system(features__enable_bot_messages="true", notify__drain_seconds="0.1")
async def test_streams_of_bots_end_when_bots_are_switched_off(system: System) -> None:
    ada = await system.sign_up("Ada")
    bot = await ada.bots.create(ada.workspace, "builds", "Build Reports")
    token = await ada.bots.create_token(bot.id, "ci", ["events:read"], days=1)
    program = Person(system.chat.url, system.notify.url, token=token.token, retries=0, http=plain_http())
    async with program, system.sql() as sql, listen(program.stream()) as heard, ada.listen() as own:
        shown = "SELECT EXISTS (SELECT FROM ops.online WHERE user_id = $1)"
        await until(lambda: sql.fetchval(shown, bot.id), "the bot's stream is reported")
        await sql.execute("UPDATE features SET enabled = false WHERE name = 'enable_bot_messages'")
        await heard.until_ended()
        await own.until_kind("FeaturesUpdated")
        assert not own.ended.is_set(), "people's streams stay"
