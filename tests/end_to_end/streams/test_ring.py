"""Coming back within the newest events costs the database nothing, and memory bounds how many these are."""

import pytest

from tests.end_to_end.raw import figures
from tests.end_to_end.system import System, contents
from tests.support.clients.listener import refusal


async def _resumes(system: System, source: str) -> float:
    return (await figures(system)).get(f'fechatter_resumes_total{{source="{source}"}}', 0)


@pytest.mark.system
async def test_who_was_here_a_moment_ago_comes_back_without_a_query(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    async with ada.listen() as stream, grace.listen():
        cursor = stream.cursor
    async with system.sql() as connection:
        await ada.messages.post(chat, "missed")
        async with connection.transaction():
            # Whoever asked the database for sessions or memberships would wait here for ever.
            await connection.execute("LOCK sessions, users, chat_members, workspace_members IN ACCESS EXCLUSIVE MODE")
            async with ada.listen(cursor) as back, grace.listen(cursor) as other:
                await back.until(lambda s: contents(s) == ["missed"])
                await other.until(lambda s: contents(s) == ["missed"])
    assert await _resumes(system, "database") == 0


@pytest.mark.system
async def test_a_session_revoked_while_nobody_streams_does_not_come_back(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    async with grace.listen() as stream:
        cursor = stream.cursor
    async with ada.listen() as marker, system.sql() as connection:
        await connection.execute(
            "UPDATE sessions SET revoked_at = now(), revoked_reason = 'operator' WHERE user_id = $1", grace.id
        )
        await ada.messages.post(chat, "after it")
        await marker.until_kind("NewMessage")
        assert (await refusal(grace.notify_url, grace.token, cursor=cursor)).status == 401


@pytest.mark.system
async def test_a_membership_that_ends_while_its_user_is_away_is_over(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    async with grace.listen() as stream:
        cursor = stream.cursor
    await ada.messages.post(chat, "not hers any more")
    await ada.chats.remove_member(chat, grace.id)
    await ada.messages.post(chat, "nor this")
    await ada.chats.add_member(chat, grace.id)
    await ada.messages.post(chat, "hers again")
    async with grace.listen(cursor) as stream:
        await stream.until(lambda s: "hers again" in contents(s))
        assert contents(stream) == ["hers again"]
        assert stream.kinds() == ["UserLeftChat", "NewChat", "UserJoinedChat", "NewMessage"]
    assert await _resumes(system, "database") == 0


@pytest.mark.system
async def test_a_server_that_starts_knows_the_newest_events(system: System) -> None:
    ada = await system.sign_up("Ada")
    chat = await system.group(ada)
    async with ada.listen() as stream:
        cursor = stream.cursor
    await system.notify.kill()
    await ada.messages.post(chat, "missed")
    await system.notify.start()
    async with ada.listen(cursor) as stream:
        await stream.until(lambda s: contents(s) == ["missed"])
    assert (await _resumes(system, "ring"), await _resumes(system, "database")) == (1, 0)


@pytest.mark.system(notify__ring_bytes=100_000)
async def test_the_ring_is_bounded_and_the_database_has_the_rest(system: System) -> None:
    ada = await system.sign_up("Ada")
    chat = await system.group(ada)
    async with ada.listen() as stream:
        cursor = stream.cursor
        async with system.sql() as connection:
            await connection.execute(
                "INSERT INTO messages (chat_id, sender_id, content) "
                "SELECT $1, $2, repeat('x', 1000) || n FROM generate_series(1, 1500) n",
                chat,
                ada.id,
            )
        await stream.until(lambda s: len(contents(s)) == 1500)
        near = stream.events("NewMessage")[-20].cursor
    assert 50_000 < (await figures(system))["fechatter_ring_bytes"] <= 100_000
    async with ada.listen(cursor) as far, ada.listen(near) as close:
        await far.until(lambda s: len(contents(s)) == 1500)
        await close.until(lambda s: len(contents(s)) == 19)
        assert [event.data["seq"] for event in far.events("NewMessage")] == list(range(1, 1501))
        assert [event.data["seq"] for event in close.events("NewMessage")] == list(range(1482, 1501))
    assert (await _resumes(system, "ring"), await _resumes(system, "database")) == (1, 1)
