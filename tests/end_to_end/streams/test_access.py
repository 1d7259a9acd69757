"""Access is checked when an event is delivered: live, in replay, and for as long as a session lasts."""

import asyncio
import time

import pytest
from fechatter_client.stream import PATH

from tests.end_to_end.system import PASSWORD, System, contents, from_ring_and_database
from tests.support.clients.listener import AT_ONCE_SECONDS, bare_stream, listen, refusal
from tests.support.clients.plain_http import plain_http


@from_ring_and_database
async def test_a_removed_member_hears_of_it_and_of_nothing_later(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    async with grace.listen() as stream, ada.listen() as to_ada:
        start = stream.cursor
        await ada.messages.post(chat, "before")
        await ada.chats.remove_member(chat, grace.id)
        await ada.messages.post(chat, "after")
        await grace.users.update_me(fullname="Still here")
        await stream.until_kind("UserUpdated")
        assert stream.kinds() == ["NewMessage", "UserLeftChat", "UserUpdated"]
        await to_ada.until_kind("UserUpdated")
        assert to_ada.kinds() == ["NewMessage", "UserLeftChat", "NewMessage", "UserUpdated"]
    async with grace.listen(start) as stream:  # and in replay nothing of the chat but that
        await stream.until_kind("UserUpdated")
        assert stream.kinds() == ["UserLeftChat", "UserUpdated"]


@from_ring_and_database
async def test_replay_starts_no_earlier_than_the_join(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada)
    async with grace.listen() as stream:
        start = stream.cursor
    await ada.messages.post(chat, "before the join")
    await ada.chats.add_member(chat, grace.id)
    await ada.messages.post(chat, "after the join")
    async with grace.listen(start) as stream:
        await stream.until_kind("NewMessage")
        assert stream.kinds() == ["NewChat", "UserJoinedChat", "NewMessage"]
        assert contents(stream) == ["after the join"]
        assert [m["content"] for m in stream.events("NewChat")[0].data["messages"]] == ["before the join"]


@from_ring_and_database
async def test_an_added_member_is_served_live_from_the_join(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada)
    async with grace.listen() as stream:
        await ada.messages.post(chat, "before the join")
        await ada.chats.add_member(chat, grace.id)
        await ada.messages.post(chat, "after the join")
        await stream.until_kind("NewMessage")
        assert stream.kinds() == ["NewChat", "UserJoinedChat", "NewMessage"]
        assert contents(stream) == ["after the join"]


@from_ring_and_database
async def test_a_deleted_chat_is_told_to_its_members_also_in_replay(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    async with grace.listen() as stream:
        start = stream.cursor
        await ada.messages.post(chat, "soon gone")
        await ada.chats.delete(chat)
        assert (await stream.until_kind("ChatDeleted")).data["id"] == chat
    async with grace.listen(start) as stream:
        await stream.until_kind("ChatDeleted")
        assert stream.kinds() == ["ChatDeleted"]


@pytest.mark.parametrize("reason", ["logout", "password_changed", "suspended", "operator"])
async def test_a_session_that_ends_closes_its_streams_at_once(system: System, reason: str) -> None:
    ada = await system.sign_up("Ada")
    second = await system.sign_in(ada)
    async with second.listen() as stream, ada.listen() as other:
        began = time.monotonic()
        if reason == "logout":
            await second.log_out()
        elif reason == "password_changed":
            await ada.users.change_password(PASSWORD, PASSWORD + "!")
            began = time.monotonic()  # the hashing is not what is looked at
        else:
            async with system.sql() as connection:
                if reason == "suspended":
                    await connection.execute("UPDATE users SET status = 'suspended' WHERE id = $1", ada.id)
                else:
                    await connection.execute("DELETE FROM sessions WHERE user_id = $1", ada.id)
        await stream.until_ended(timeout=AT_ONCE_SECONDS)
        assert time.monotonic() - began < AT_ONCE_SECONDS
        assert stream.events("SessionRevoked")[0].data["reason"] == reason
        if reason in ("suspended", "operator"):
            await other.until_ended(timeout=AT_ONCE_SECONDS)
        else:  # the other session goes on, and has been told
            await other.until_kind("SessionRevoked")
            assert not other.ended.is_set()
        assert (await refusal(ada.notify_url, second.token)).status == 401


async def test_a_ticket_opens_one_stream_once(system: System) -> None:
    ada = await system.sign_up("Ada")
    ticket = (await ada.add_ticket()).ticket
    async with listen(bare_stream(ada.notify_url, query=f"?ticket={ticket}")) as stream:
        await ada.users.update_me(fullname="Ada L.")
        await stream.until_kind("UserUpdated")
        assert (await refusal(ada.notify_url, query=f"?ticket={ticket}")).status == 401
    late = (await ada.add_ticket()).ticket
    async with system.sql() as connection:
        await connection.execute("UPDATE tickets SET expires_at = now() - interval '1 second'")
    assert (await refusal(ada.notify_url, query=f"?ticket={late}")).status == 401
    assert not any(ticket in line or ada.token in line for line in (*system.notify.log, *system.chat.log))


@pytest.mark.parametrize("query", ["", "?ticket=unknown", "?token={token}", "?access_token={token}"])
async def test_nobody_gets_in_without_a_token_or_a_ticket(system: System, query: str) -> None:
    ada = await system.sign_up("Ada")
    async with plain_http() as http:
        answer = await http.get(ada.notify_url + PATH + query.format(token=ada.token))
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.system(auth__access_token_seconds=2)
async def test_a_stream_ends_no_later_than_its_token(system: System) -> None:
    ada = await system.sign_up("Ada")
    ticket = (await ada.add_ticket()).ticket
    began = time.time()
    async with ada.listen() as by_token, listen(bare_stream(ada.notify_url, query=f"?ticket={ticket}")) as by_ticket:
        await asyncio.gather(by_token.until_ended(timeout=4), by_ticket.until_ended(timeout=4))
    assert time.time() - began <= 2.5
    assert (await refusal(ada.notify_url, ada.token)).status == 401
