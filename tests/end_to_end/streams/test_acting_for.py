"""A stream that is opened for somebody else: it carries what is delegated, and ends with it."""

from datetime import UTC, datetime, timedelta

import pytest
from fechatter_client import Problem

from tests.end_to_end.system import Person, System, contents
from tests.support.clients.listener import listen
from tests.support.clients.ws import open_socket


async def _delegate(principal: Person, delegate: Person, *permissions: str, chat: int, seconds: float = 3600) -> int:
    ends = datetime.now(UTC) + timedelta(seconds=seconds)
    offered = await principal.delegations.offer(delegate.id, permissions, ends, chat_id=chat)
    return (await delegate.delegations.accept(offered.id)).id


@pytest.mark.system(features__enable_proxy_system=True)
async def test_it_carries_what_is_delegated_and_ends_with_it(system: System) -> None:
    wang, li, zhao = await system.team("Wang", "Li", "Zhao")
    here, there = await system.group(wang, zhao), await system.group(wang, zhao)
    for_wang = li.acting_for(wang.id)
    with pytest.raises(Problem) as refused:
        async with for_wang.stream():
            pass
    assert (refused.value.status, refused.value.code) == (403, "not_delegated")
    cursor = (await zhao.sync()).cursor
    await zhao.messages.post(there, "not for Li")
    await zhao.messages.post(here, "missed")
    given = await _delegate(wang, li, "chat.read_messages", "chat.post_message", chat=here)

    # The replay and what is live: of this chat alone, and of messages alone.
    async with listen(for_wang.stream(cursor)) as heard, li.listen() as own, wang.listen() as wangs:
        await for_wang.messages.post(here, "for him")
        await zhao.messages.post(there, "neither")
        await wang.chats.update(here, name="lunch at noon")
        await zhao.messages.post(here, "last")
        await heard.until(lambda h: contents(h)[-1:] == ["last"])
        assert contents(heard) == ["missed", "for him", "last"]
        assert set(heard.kinds()) == {"NewMessage"}
        [posted] = [event.data for event in heard.events() if event.data["content"] == "for him"]
        assert (posted["sender_id"], posted["delegate_id"]) == (wang.id, li.id)
        await wangs.until(lambda h: "for him" in contents(h))

        # A socket says for whom its frames are; a board's socket is for nobody else.
        async with open_socket(li.notify_url, li.token, query=f"acting_for={wang.id}") as socket:
            assert socket.received[0].data["acting_for"] == wang.id
            body = {"chat_id": here, "content": "by socket", "idempotency_key": "k1"}
            sent = await socket.ask("message.send", body)
            assert (sent["payload"]["sender_id"], sent["payload"]["delegate_id"]) == (wang.id, li.id)
            read = await socket.ask("read", {"chat_id": here, "seq": 1})
            assert (read["type"], read["payload"]["code"]) == ("error", "not_delegated")
            async with open_socket(li.notify_url, li.token) as plain:
                sent = await plain.ask("message.send", body | {"idempotency_key": "k2", "acting_for": wang.id})
                assert sent["payload"]["delegate_id"] == li.id

            # Revoked: both end, in the transaction's own moment, and get nothing of what follows.
            await wang.delegations.revoke(given)
            await zhao.messages.post(here, "too late")
            await heard.until_ended(timeout=5)
            await socket.until_ended(timeout=5)
        await own.until_kind("DelegationRevoked")
        assert "too late" not in contents(heard)
        assert contents(own) == [], "nothing of it is in Li's own stream"


@pytest.mark.system(features__enable_proxy_system=True)
async def test_it_ends_with_the_time_the_access_and_the_session(system: System) -> None:
    zhao, wang, li = await system.team("Zhao", "Wang", "Li")
    chat = await system.group(zhao, wang)
    await _delegate(wang, li, "chat.read_messages", chat=chat, seconds=3600)
    short = await _delegate(wang, li, "chat.read_messages", chat=chat, seconds=6)
    for_wang = li.acting_for(wang.id)
    async with listen(for_wang.stream()) as heard:
        await heard.until_ended(timeout=15)
        assert short not in {one.id for one in await wang.delegations.list()}
    async with listen(for_wang.stream()) as heard:
        await zhao.messages.post(chat, "first")
        await heard.until_kind("NewMessage")
        await zhao.chats.remove_member(chat, wang.id)
        await zhao.messages.post(chat, "among us")
        await heard.until_ended(timeout=5)
        assert contents(heard) == ["first"]
        with pytest.raises(Problem):
            async with for_wang.stream(heard.cursor):
                pass
    await zhao.chats.add_member(chat, wang.id)
    async with listen(for_wang.stream()) as heard:
        await zhao.workspaces.remove_member(zhao.workspace, li.id)
        await zhao.messages.post(chat, "without Li")
        await heard.until_ended(timeout=5)
        assert contents(heard) == []
    await system.invite(zhao, li)
    async with listen(for_wang.stream()) as heard:
        await li.log_out()
        await heard.until_ended(timeout=5)
