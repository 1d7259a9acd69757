"""Coming back within the newest events costs the database nothing, and memory bounds how many these are."""

from functools import partial

import httpx
import pytest
from fechatter_client import Problem

from tests.end_to_end.raw import figures
from tests.end_to_end.system import Person, System, contents
from tests.support.clients.listener import bare_stream, refusal
from tests.support.clients.plain_http import plain_http


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
    await _an_operator_limits_those_who_start_cold(system, ada, cursor, near)


async def _an_operator_limits_those_who_start_cold(
    system: System, ada: Person, cursor: str | None, near: str | None
) -> None:
    """On all servers at once; whoever resumes from the ring, at `near`, is not concerned."""
    ok = httpx.codes.OK
    async with system.sql() as sql, plain_http() as http:
        sync = partial(http.get, f"{system.chat.url}/api/sync", headers={"Authorization": f"Bearer {ada.token}"})
        await sql.execute("SELECT ops.set_boot_limit(1)")
        while (snapshot := await sync()).status_code == ok:
            pass
        assert (snapshot.status_code, snapshot.json()["code"]) == (503, "boots_limited")
        assert 1 <= int(snapshot.headers["Retry-After"]) <= 60
        refused = None
        while refused is None:
            try:
                async with bare_stream(system.notify.url, ada.token, cursor=cursor):
                    pass
            except Problem as problem:
                refused = problem
        assert (refused.status, refused.code) == (503, "boots_limited")
        async with ada.listen(near) as close:
            await close.until(lambda s: len(contents(s)) == 19)
        await sql.execute("SELECT ops.set_boot_limit(NULL)")
        while (await figures(system))["fechatter_boot_limit"] or (await sync()).status_code != ok:
            pass
        async with ada.listen(cursor) as far:
            await far.until(lambda s: len(contents(s)) == 1500)
