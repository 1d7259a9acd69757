"""Access is checked when an event is delivered: live, in replay, and for as long as a session lasts."""

import asyncio
import time

import httpx
import pytest

from tests.end_to_end.system import PASSWORD, System, contents, from_ring_and_database
from tests.support.sse import open_stream


@from_ring_and_database
async def test_a_removed_member_hears_of_it_and_of_nothing_later(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    async with grace.stream() as stream, ada.stream() as to_ada:
        start = stream.cursor
        await ada.send(chat, "before")
        await ada.call("DELETE", f"/chats/{chat}/members/{grace.id}")
        await ada.send(chat, "after")
        await grace.call("PATCH", "/users/me", {"fullname": "Still here"})
        await stream.until_kind("UserUpdated")
        assert stream.kinds() == ["NewMessage", "UserLeftChat", "UserUpdated"]
        await to_ada.until_kind("UserUpdated")
        assert to_ada.kinds() == ["NewMessage", "UserLeftChat", "NewMessage", "UserUpdated"]
    async with grace.stream(start) as stream:  # and in replay nothing of the chat but that
        await stream.until_kind("UserUpdated")
        assert stream.kinds() == ["UserLeftChat", "UserUpdated"]


@from_ring_and_database
async def test_replay_starts_no_earlier_than_the_join(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada)
    async with grace.stream() as stream:
        start = stream.cursor
    await ada.send(chat, "before the join")
    await ada.call("POST", f"/chats/{chat}/members", {"user_id": grace.id})
    await ada.send(chat, "after the join")
    async with grace.stream(start) as stream:
        await stream.until_kind("NewMessage")
        assert stream.kinds() == ["NewChat", "UserJoinedChat", "NewMessage"]
        assert contents(stream) == ["after the join"]
        assert [m["content"] for m in stream.events("NewChat")[0].data["messages"]] == ["before the join"]


@from_ring_and_database
async def test_an_added_member_is_served_live_from_the_join(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada)
    async with grace.stream() as stream:
        await ada.send(chat, "before the join")
        await ada.call("POST", f"/chats/{chat}/members", {"user_id": grace.id})
        await ada.send(chat, "after the join")
        await stream.until_kind("NewMessage")
        assert stream.kinds() == ["NewChat", "UserJoinedChat", "NewMessage"]
        assert contents(stream) == ["after the join"]


@from_ring_and_database
async def test_a_deleted_chat_is_told_to_its_members_also_in_replay(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    async with grace.stream() as stream:
        start = stream.cursor
        await ada.send(chat, "soon gone")
        await ada.call("DELETE", f"/chats/{chat}")
        assert (await stream.until_kind("ChatDeleted")).data["id"] == chat
    async with grace.stream(start) as stream:
        await stream.until_kind("ChatDeleted")
        assert stream.kinds() == ["ChatDeleted"]


@pytest.mark.parametrize("reason", ["logout", "password_changed", "suspended", "operator"])
async def test_a_session_that_ends_closes_its_streams_at_once(system: System, reason: str) -> None:
    ada = await system.sign_up("Ada")
    second = await ada.api.post("/api/auth/signin", json={"email": ada.email, "password": PASSWORD})
    async with open_stream(ada.notify_url, second.json()["token"]) as stream, ada.stream() as other:
        began = time.monotonic()
        if reason == "logout":
            headers = {"Authorization": f"Bearer {second.json()['token']}"}
            await ada.api.post("/api/auth/logout", headers=headers)
        elif reason == "password_changed":
            body = {"current_password": PASSWORD, "new_password": PASSWORD + "!"}
            await ada.call("POST", "/users/me/password", body)
            began = time.monotonic()  # the hashing is not what is looked at
        else:
            async with system.sql() as connection:
                if reason == "suspended":
                    await connection.execute("UPDATE users SET status = 'suspended' WHERE id = $1", ada.id)
                else:
                    await connection.execute("DELETE FROM sessions WHERE user_id = $1", ada.id)
        await stream.until_ended(timeout=1)
        assert time.monotonic() - began < 1
        assert stream.events("SessionRevoked")[0].data["reason"] == reason
        if reason in ("suspended", "operator"):
            await other.until_ended(timeout=1)
        else:  # the other session goes on, and has been told
            await other.until_kind("SessionRevoked")
            assert not other.ended.is_set()
        with pytest.raises(httpx.HTTPStatusError, match="401"):
            async with open_stream(ada.notify_url, second.json()["token"]):
                pass


async def test_a_ticket_opens_one_stream_once(system: System) -> None:
    ada = await system.sign_up("Ada")
    ticket = (await ada.call("POST", "/auth/tickets"))["ticket"]
    async with open_stream(ada.notify_url, query=f"?ticket={ticket}") as stream:
        await ada.call("PATCH", "/users/me", {"fullname": "Ada L."})
        await stream.until_kind("UserUpdated")
        with pytest.raises(httpx.HTTPStatusError, match="401"):
            async with open_stream(ada.notify_url, query=f"?ticket={ticket}"):
                pass
    late = (await ada.call("POST", "/auth/tickets"))["ticket"]
    async with system.sql() as connection:
        await connection.execute("UPDATE tickets SET expires_at = now() - interval '1 second'")
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        async with open_stream(ada.notify_url, query=f"?ticket={late}"):
            pass
    assert not any(ticket in line or ada.token in line for line in (*system.notify.log, *system.chat.log))


@pytest.mark.parametrize("query", ["", "?ticket=unknown", "?token={token}", "?access_token={token}"])
async def test_nobody_gets_in_without_a_token_or_a_ticket(system: System, query: str) -> None:
    ada = await system.sign_up("Ada")
    with pytest.raises(httpx.HTTPStatusError, match="401") as refused:
        async with open_stream(ada.notify_url, query=query.format(token=ada.token)):
            pass
    assert refused.value.response.headers["content-type"] == "application/problem+json"
    assert refused.value.response.json()["code"] == "unauthorized"


@pytest.mark.system(auth__access_token_seconds=2)
async def test_a_stream_ends_no_later_than_its_token(system: System) -> None:
    ada = await system.sign_up("Ada")
    ticket = (await ada.call("POST", "/auth/tickets"))["ticket"]
    began = time.time()
    async with ada.stream() as by_token, open_stream(ada.notify_url, query=f"?ticket={ticket}") as by_ticket:
        await asyncio.gather(by_token.until_ended(timeout=4), by_ticket.until_ended(timeout=4))
    assert time.time() - began <= 2.5
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        async with ada.stream():
            pass
