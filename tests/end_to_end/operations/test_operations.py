"""What an operator does in psql reaches the servers and their streams (see docs/operations/psql.md)."""

import pytest
from fechatter_client import Problem, SignInNeeded

from chat_core.database.pool import Connection
from tests.end_to_end.system import PASSWORD, Person, System, contents
from tests.sql.world import until
from tests.support.clients.listener import AT_ONCE_SECONDS, refusal

ONLINE = "SELECT node, stream FROM ops.online WHERE email = $1 ORDER BY stream"


async def online(sql: Connection, person: Person, streams: int) -> list[tuple[str, int]]:
    """The person's streams, as soon as the node has reported so many."""

    async def reported() -> bool:
        return len(await sql.fetch(ONLINE, person.email)) == streams

    await until(reported, f"{streams} streams are online")
    return [(row["node"], row["stream"]) for row in await sql.fetch(ONLINE, person.email)]


async def test_who_is_online_and_one_stream_of_two_is_dropped(system: System) -> None:
    [ada] = await system.team("Ada")
    async with system.sql() as sql, ada.listen() as first:
        [(node, number)] = await online(sql, ada, 1)
        async with ada.listen() as second:
            assert (node, number + 1) in await online(sql, ada, 2)
            [found] = await sql.fetch("SELECT node, streams, users FROM ops.nodes")
            assert tuple(found) == (node, 2, 1)
            await sql.execute("SELECT ops.drop_stream($1, $2)", node, number)
            await first.until_ended()
            assert await online(sql, ada, 1) == [(node, number + 1)]
            assert not second.ended.is_set()
            assert await sql.fetchval("SELECT ops.drop_streams($1)", ada.email) == 1
            await second.until_ended()
        await online(sql, ada, 0)


async def test_a_suspended_user_is_out_until_reinstated(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    async with system.sql() as sql, ada.listen() as to_ada, grace.listen() as to_grace:
        assert await sql.fetchval("SELECT sessions_ended FROM ops.suspend($1)", grace.email) == 1
        await to_grace.until_ended(timeout=AT_ONCE_SECONDS)
        assert (await to_ada.until_kind("UserUpdated")).data["status"] == "suspended"
        assert (await refusal(grace.notify_url, grace.token)).status == 401
        with pytest.raises(SignInNeeded):
            await grace.users.me()
        with pytest.raises(Problem, match=r"40[13]"):
            await grace.sign_in(grace.email, PASSWORD)
        await sql.execute("SELECT ops.reinstate($1)", grace.email)
        assert (await grace.sign_in(grace.email, PASSWORD)).id == grace.id


async def test_signing_a_user_out_ends_the_streams_of_every_session(system: System) -> None:
    [ada] = await system.team("Ada")
    async with system.sql() as sql, ada.listen() as stream:
        assert await sql.fetchval("SELECT ops.sign_out($1)", ada.email) == 1
        await stream.until_kind("SessionRevoked")
        await stream.until_ended(timeout=AT_ONCE_SECONDS)


async def test_an_operators_message_and_plain_sql_are_live(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    async with system.sql() as sql, grace.listen() as stream:
        await sql.execute("SELECT ops.post_message($1, $2, 'The servers restart at noon.')", chat, ada.email)
        await sql.execute("UPDATE chats SET name = 'renamed' WHERE id = $1", chat)
        await sql.execute("DELETE FROM messages WHERE chat_id = $1", chat)
        await stream.until_kind("MessageDeleted")
        assert stream.kinds() == ["NewMessage", "ChatUpdated", "MessageDeleted"]
        assert contents(stream) == ["The servers restart at noon."]


async def test_moving_the_epoch_resets_every_stream_and_every_old_cursor(system: System) -> None:
    [ada] = await system.team("Ada")
    async with system.sql() as sql, ada.listen() as stream:
        old = stream.cursor
        epoch = await sql.fetchval("SELECT ops.move_epoch()")
        reset = await stream.until_kind("reset")
        assert reset.cursor.startswith(f"{epoch}.")
    async with ada.listen(old) as stream:
        await stream.until_kind("reset")
    async with ada.listen(reset.cursor) as stream:
        assert stream.kinds() == []


async def test_the_listener_is_seen_to_keep_up(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    async with system.sql() as sql, grace.listen() as stream:
        for number in range(20):
            await ada.messages.post(chat, str(number))
        await stream.until_kind("NewMessage", 20)

        async def kept_up() -> bool:
            found = await sql.fetch("SELECT events_since_read, seconds_since_read FROM ops.listeners")
            return len(found) == 1 and found[0][0] == 0 and found[0][1] < 10

        await until(kept_up, "one listener that has read everything")
