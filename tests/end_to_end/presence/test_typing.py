"""Who is typing: told to the other members of a chat, and only while it goes on."""

import asyncio
from collections.abc import Awaitable

import msgspec
import pytest
from fechatter_client import Problem, Typing

from tests.end_to_end.raw import figures, raw_client, stream_request
from tests.end_to_end.system import Person, System, contents, lively
from tests.support.clients.listener import Listener


def told(stream: Listener, chat: int) -> list[list[int]]:
    """Who a stream was told to be typing, one time after the other, without what it knew."""
    found: list[list[int]] = []
    for frame in [event.to(Typing) for event in stream.events("Typing")]:
        if frame.chat_id == chat and [frame.user_ids] != found[-1:]:
            found.append(frame.user_ids)
    return found


async def hears(stream: Listener, chat: int, *typing: list[int]) -> None:
    await stream.until(lambda s: told(s, chat) == [*typing])


@lively
async def test_the_other_members_hear_who_types_until_it_ends(system: System) -> None:
    ada, grace, mary = await system.team("Ada", "Grace", "Mary")
    eve = await system.sign_up("Eve")
    chat, with_mary = await system.group(ada, grace), await system.group(ada, mary)
    async with (
        system.sql() as sql,
        ada.listen() as to_ada,
        grace.listen() as to_grace,
        mary.listen() as to_mary,
        eve.listen() as to_eve,
    ):
        events = await sql.fetchval("SELECT count(*) FROM events")
        await ada.chats.tell_typing(chat)
        await hears(to_grace, chat, [ada.id])
        await ada.chats.tell_typing(chat, typing=False)
        await hears(to_grace, chat, [ada.id], [])
        # Who says no more has stopped after a while.
        await grace.chats.tell_typing(chat)
        await hears(to_ada, chat, [grace.id], [])
        # Mary and Eve hear nothing of it, and nobody of themselves.
        await ada.chats.tell_typing(with_mary)
        await hears(to_mary, with_mary, [ada.id])
        assert told(to_mary, chat) == told(to_eve, chat) == []
        assert all(ada.id not in event.data["user_ids"] for event in to_ada.events("Typing"))
        with pytest.raises(Problem, match="404"):
            await eve.chats.tell_typing(chat)
        assert await sql.fetchval("SELECT count(*) FROM events") == events


@lively
async def test_typing_crosses_nodes_and_ends_with_membership(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    node = system.notify.twin()
    try:
        await node.start()
        grace.notify_url = node.url
        async with grace.listen() as to_grace, raw_client(system) as raw:
            await raw.send(stream_request(ada.token))
            await raw.until(b"event: ready\n")
            await ada.chats.tell_typing(chat)
            await hears(to_grace, chat, [ada.id])
            await grace.chats.tell_typing(chat)
            await raw.until(b"\nevent: Typing\ndata: " + msgspec.json.encode({"chat_id": chat, "user_ids": [grace.id]}))
            assert b"id:" not in bytes(raw.got).split(b"event: Typing")[1]
            await ada.chats.remove_member(chat, grace.id)
            await to_grace.until_kind("UserLeftChat")
            heard = told(to_grace, chat)
            await ada.chats.tell_typing(chat)
            private = await system.group(ada, grace)
            await ada.chats.tell_typing(private)
            await hears(to_grace, private, [ada.id])
            assert told(to_grace, chat) == heard
    finally:
        await node.stop()


@pytest.mark.system(notify__typing_seconds=60)
async def test_typing_ends_with_what_ends_it_on_every_node(system: System) -> None:
    """Well before `typing_seconds`, without a word from who typed; a notice that comes too late is not heard."""
    mary, grace, ada = await system.team("Mary", "Grace", "Ada")
    chat = await system.group(mary, grace, ada)
    node = system.notify.twin()
    try:
        await node.start()
        grace.notify_url = node.url
        async with system.sql() as sql, grace.listen() as to_grace, mary.listen() as to_mary:
            heard: list[list[int]] = []

            async def types_until(end: Awaitable[object], person: Person = ada) -> None:
                for what, typing in (person.chats.tell_typing(chat), [ada.id]), (end, []):
                    await what
                    heard.append(typing)
                    await hears(to_grace, chat, *heard)
                    await hears(to_mary, chat, *heard)

            await types_until(ada.messages.post(chat, "hello"))
            await types_until(ada.users.choose_presence("invisible"))
            await ada.users.choose_presence("auto")
            await types_until(sql.execute("UPDATE chats SET archived_at = now() WHERE id = $1", chat))
            await sql.execute("UPDATE chats SET archived_at = NULL")
            phone = await system.sign_in(ada)
            await types_until(phone.log_out(), phone)
            # Judged before the message, and told long after it.
            before = await sql.fetchval("SELECT log_head()")
            await mary.messages.post(chat, "done")
            await to_grace.until_kind("NewMessage", 2)
            await to_mary.until_kind("NewMessage", 2)
            late = "SELECT tell_typing(ARRAY[$1::bigint], ARRAY[$2::bigint], '{0}', '{true}', ARRAY[$3::bigint], '{0}')"
            await sql.execute(late, mary.id, chat, before)
            await types_until(mary.chats.remove_member(chat, ada.id))
    finally:
        await node.stop()


@lively
async def test_a_flood_of_typing_costs_no_message(system: System) -> None:
    people = await system.team("Ada", "Grace", "Mary")
    chat = await system.group(*people)
    flooding = True

    async def flood(person: Person, typing: bool) -> None:
        while flooding:
            answer = await person.request("POST", f"/chats/{chat}/typing", json={"typing": typing})
            assert answer.status_code in (204, 429, 503)  # it may well be too much

    async with people[1].listen() as stream:
        floods = [asyncio.create_task(flood(p, typing)) for p in people for typing in (True, False) for _ in range(4)]
        posted = [str(number) for number in range(60)]
        for content in posted:
            await people[0].messages.post(chat, content)
        flooding = False
        await asyncio.gather(*floods)
        await stream.until_kind("NewMessage", len(posted))
        assert contents(stream) == posted
        positions = [event.position for event in stream.events()]
        assert positions == sorted(set(positions))
        assert stream.events("Typing")


# A quarter of notify.buffer_bytes.
BEHIND_BYTES = 262_144
DROPPED = 'fechatter_ephemeral_dropped_total{kind="Typing",reason="slow_reader"}'


@lively
async def test_a_reader_that_is_behind_is_spared(system: System) -> None:
    ada, grace, mary = await system.team("Ada", "Grace", "Mary")
    chat = await system.group(ada, grace, mary)
    async with mary.listen() as to_mary, system.sql() as sql, raw_client(system, receive_bytes=4096) as slow:
        await slow.send(stream_request(grace.token))
        await slow.until(b"event: ready")
        amount = 0
        while (await figures(system))["fechatter_streams_queued_bytes"] < BEHIND_BYTES:
            await sql.execute(
                "INSERT INTO messages (chat_id, sender_id, content) "
                "SELECT $1, $2, repeat('x', 9000) FROM generate_series(1, 20)",
                chat,
                ada.id,
            )
            amount += 20
            await to_mary.until_kind("NewMessage", amount)
        before = (await figures(system)).get(DROPPED, 0)
        await ada.chats.tell_typing(chat)
        await hears(to_mary, chat, [ada.id], [])
        assert (await figures(system))[DROPPED] == before + 2
        await slow.until(b'"seq":%d,' % amount)
        assert b"event: Typing" not in slow.got
