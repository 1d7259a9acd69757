"""GET /api/ws: the same events and cursors as over SSE, and what a client sends upward."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from chat_core.tokens import Signer, Verifier
from tests.end_to_end.raw import Figures, figures, raw_client, until_figures
from tests.end_to_end.system import Person, System, contents, from_ring_and_database
from tests.support.clients.plain_http import plain_http
from tests.support.clients.ws import PATH, open_socket


def socket_of(person: Person, cursor: str | None = None) -> Any:
    return open_socket(person.notify_url, person.token, cursor=cursor)


async def refusal(*args: Any, **options: Any) -> tuple[int, str]:
    """The status and the code with which a socket is refused."""
    with pytest.raises(InvalidStatus) as refused:
        async with open_socket(*args, **options):
            pass
    response = refused.value.response
    assert response.headers["Content-Type"] == "application/problem+json"
    return response.status_code, json.loads(response.body)["code"]


# -- down: what SSE has


async def test_the_same_events_and_cursors_over_both(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    eve = await system.sign_up("Eve")
    async with grace.listen() as stream, socket_of(grace) as socket, socket_of(eve) as outside:
        assert socket.received[0].kind == "ready"
        chat = await system.group(ada, grace)
        for number in range(10):
            await ada.messages.post(chat, f"{number} \N{WINKING FACE}\nnext line")
        await socket.until(lambda s: len(contents(s)) == 10)
        await stream.until(lambda s: len(contents(s)) == 10)
        assert socket.events() == stream.events()
        assert len(socket.events()) >= 11
        await eve.messages.post(await system.group(eve), "mine")
        await outside.until_kind("NewMessage")
        assert contents(outside) == ["mine"]


async def test_who_is_removed_hears_of_it_and_of_nothing_later(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat, other = await system.group(ada, grace), await system.group(ada, grace)
    async with socket_of(grace) as socket:
        await ada.messages.post(chat, "before")
        await ada.chats.remove_member(chat, grace.id)
        await ada.messages.post(chat, "after")
        await ada.messages.post(other, "elsewhere")
        await socket.until(lambda s: contents(s)[-1:] == ["elsewhere"])
        assert contents(socket) == ["before", "elsewhere"]
        assert "UserLeftChat" in socket.kinds()
        sent = await socket.ask("message.send", {"chat_id": chat, "content": "still?", "idempotency_key": "k"})
        assert (sent["type"], sent["payload"]["status"]) == ("error", 404)


@from_ring_and_database
async def test_a_cursor_of_one_transport_resumes_over_the_other(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    async with grace.listen() as stream:
        await ada.messages.post(chat, "1")
        await stream.until_kind("NewMessage")
    for number in (2, 3, 4):
        await ada.messages.post(chat, str(number))
    async with socket_of(grace, stream.cursor) as socket:
        await socket.until(lambda s: contents(s) == ["2", "3", "4"])
    await ada.messages.post(chat, "5")
    async with grace.listen(socket.cursor) as again:
        await again.until(lambda s: contents(s) == ["5"])
    async with open_socket(grace.notify_url, grace.token, query=f"cursor={socket.cursor}") as socket:
        await socket.until(lambda s: contents(s) == ["5"])


async def test_a_bad_cursor_is_a_reset(system: System) -> None:
    ada = await system.sign_up("Ada")
    for cursor, reason in (("nonsense", "malformed"), ("00000000.1", "epoch_changed")):
        async with socket_of(ada, cursor) as socket:
            await socket.until(lambda s: len(s.received) == 2)
            assert [frame.kind for frame in socket.received] == ["reset", "ready"]
            assert socket.received[0].data == {"cursor": socket.cursor, "reason": reason}


async def test_a_replay_goes_as_fast_as_it_is_read(system: System) -> None:
    ada = await system.sign_up("Ada")
    chat = await system.group(ada)
    async with socket_of(ada) as socket, system.sql() as sql:
        await sql.execute(
            "INSERT INTO messages (chat_id, sender_id, content) "
            "SELECT $1, $2, repeat('x', 9000) || n FROM generate_series(1, 1500) n",
            chat,
            ada.id,
        )
        await socket.until(lambda s: len(contents(s)) == 1500)
    async with raw_client(system, receive_bytes=4096) as slow:
        await slow.send(_handshake(ada.token, socket.received[0].cursor))
        await slow.until(b'"NewMessage"')  # and reads no more for now: most of it is still to come
        assert (await figures(system))["fechatter_streams_queued_bytes"] < 1_000_000
        await slow.until(b'x1500"')
        assert slow.got.count(b'"type":"NewMessage"') == 1500


# -- opening


async def test_a_ticket_opens_one_socket_and_writes_once_it_has_a_token(system: System) -> None:
    ada = await system.sign_up("Ada")
    chat = await system.group(ada)
    ticket = (await ada.add_ticket()).ticket
    message = {"chat_id": chat, "content": "hello", "idempotency_key": "k"}
    async with open_socket(ada.notify_url, query=f"ticket={ticket}") as socket:
        assert (await socket.ask("message.send", message))["payload"]["code"] == "token_needed"
        answer = await socket.ask("auth", {"token": ada.token})
        assert answer["type"] == "authenticated"
        assert answer["payload"]["user_id"] == ada.id
        assert (await socket.ask("message.send", message))["type"] == "message.sent"
    assert await refusal(ada.notify_url, query=f"ticket={ticket}") == (401, "unauthorized")
    assert await refusal(ada.notify_url, "not.a.token") == (401, "unauthorized")


async def test_the_first_frame_may_be_the_token(system: System) -> None:
    ada = await system.sign_up("Ada")
    chat = await system.group(ada)
    async with ada.listen() as stream:
        await ada.messages.post(chat, "missed")
        await stream.until_kind("NewMessage")
    cursor = stream.received[0].cursor
    async with open_socket(ada.notify_url, cursor=cursor, opened=False) as socket:
        await socket.send("auth", {"token": ada.token}, "first")
        await socket.send("message.send", {"chat_id": chat, "content": "at once", "idempotency_key": "k"}, 2)
        assert (await socket.answer("first"))["type"] == "authenticated"
        assert (await socket.answer(2))["type"] == "message.sent"
        await socket.until(lambda s: contents(s) == ["missed", "at once"])
    for first in (
        {"type": "ping"},
        {"type": "read", "payload": {"token": ada.token}},
        {"type": "auth", "payload": {}},
        {"type": "auth", "payload": {"token": "x"}},
    ):
        async with open_socket(ada.notify_url, opened=False) as socket:
            await socket.connection.send(json.dumps(first))
            assert await socket.until_closed() == (4007, "unauthorized")
            assert socket.others[0]["type"] == "error"


async def test_pages_of_other_origins_and_plain_requests_open_nothing(system: System) -> None:
    ada = await system.sign_up("Ada")
    async with open_socket(ada.notify_url, ada.token, origin=system.chat.url):
        pass  # a page of chat_server itself
    async with open_socket(ada.notify_url, ada.token, origin="https://evil.example", opened=False) as evil:
        assert await evil.until_closed() == (4017, "origin_not_allowed")
        assert evil.received == []
        assert evil.others[0]["payload"]["code"] == "origin_not_allowed"
    async with asyncio.timeout(10):  # the line may come after the socket's end
        while not any(one["origin"] == "https://evil.example" for one in system.notify.events("origin refused")):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    async with plain_http(base_url=ada.notify_url) as http:
        plain = await http.get(PATH)
        assert (plain.status_code, plain.json()["code"]) == (426, "upgrade_required")
        assert plain.headers["upgrade"] == "websocket"
        bad = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "12"}
        answer = await http.get(PATH, headers=bad)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_handshake")


# -- up


async def test_a_message_is_sent_once_however_often_it_is_sent(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    eve = await system.sign_up("Eve")
    chat = await system.group(ada, grace)
    async with socket_of(ada) as socket, grace.listen() as stream, socket_of(eve) as outside:
        message = {"chat_id": chat, "content": "hello", "idempotency_key": "k1"}
        first, again = await socket.ask("message.send", message), await socket.ask("message.send", message)
        assert first["type"] == "message.sent"
        assert first["payload"] == again["payload"]
        received = await stream.until_kind("NewMessage")
        assert received.data == first["payload"]
        other = await socket.ask("message.send", message | {"content": "another"})
        assert other["payload"] | {"status": 409, "code": "idempotency_conflict"} == other["payload"]
        # In the order in which they were sent, though nobody waits for an answer.
        for number in range(20):
            await socket.send("message.send", message | {"content": str(number), "idempotency_key": f"n{number}"})
        await stream.until(lambda s: contents(s)[1:] == [str(number) for number in range(20)])
        denied = await outside.ask("message.send", message)
        assert denied["payload"] | {"status": 404, "code": "not_found"} == denied["payload"]
        assert denied["payload"]["type"] == "about:blank"
    assert outside.kinds() == []


async def test_frames_that_are_wrong_are_answered_and_harm_nothing(system: System) -> None:
    ada = await system.sign_up("Ada")
    chat = await system.group(ada)
    good = {"chat_id": chat, "content": "hello", "idempotency_key": "k"}
    async with socket_of(ada) as socket:
        for kind, payload, code, path in [
            ("unheard.of", {}, "unknown_type", None),
            ("message.send", {}, "validation_failed", "payload"),
            ("message.send", good | {"chat_id": "1"}, "validation_failed", "payload.chat_id"),
            ("message.send", good | {"chat_id": 0}, "validation_failed", "payload.chat_id"),
            ("message.send", good | {"idempotency_key": "a\r\nb"}, "validation_failed", "payload.idempotency_key"),
            ("message.send", {"chat_id": chat, "content": "x"}, "validation_failed", "payload"),
            ("message.send", good | {"content": ""}, "validation_failed", "content"),
            ("message.send", good | {"surprise": 1}, "validation_failed", None),
            ("read", {"chat_id": chat}, "validation_failed", "payload"),
            ("read", {"chat_id": chat, "seq": -1}, "validation_failed", "seq"),
            ("auth", {"token": 1}, "validation_failed", "payload.token"),
            ("auth", {"token": "x"}, "unauthorized", None),
        ]:
            answer = await socket.ask(kind, payload)
            assert (answer["type"], answer["payload"]["code"]) == ("error", code), (kind, payload, answer)
            if path is not None:
                assert answer["payload"]["errors"][0]["path"] == path
        assert (await socket.ask("ping", {}))["type"] == "pong"
        assert (await socket.ask("message.send", good))["type"] == "message.sent"


async def test_how_far_one_has_read(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    chat = await system.group(ada, grace)
    await ada.messages.post(chat, "hello")
    async with socket_of(grace) as socket:
        moved = await socket.ask("read", {"chat_id": chat, "seq": 1})
        assert moved["type"] == "read.moved"
        assert moved["payload"]["last_read_seq"] == 1
        assert (await socket.until_kind("ReadMarkerMoved")).data["last_read_seq"] == 1


async def test_typing_and_presence_go_up_and_come_down(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    eve = await system.sign_up("Eve")
    chat = await system.group(ada, grace)
    async with socket_of(ada) as socket, socket_of(grace) as other, socket_of(eve) as outside:
        assert (await other.ask("typing", {"chat_id": chat, "typing": True}))["type"] == "typing.told"
        typing = await socket.other("Typing")
        assert typing["payload"]["chat_id"] == chat
        denied = await outside.ask("typing", {"chat_id": chat, "typing": True})
        assert denied["payload"]["status"] == 404
        assert (await other.ask("activity", {"idle": True}))["type"] == "activity.told"
        chosen = await other.ask("presence", {"presence_mode": "dnd"})
        assert chosen["payload"]["presence_mode"] == "dnd"
        await socket.until(lambda _: '"dnd"' in json.dumps(socket.others))
        wrong = await other.ask("presence", {"presence_mode": "elsewhere"})
        assert wrong["payload"]["code"] == "validation_failed"
        assert "Typing" not in {frame["type"] for frame in outside.others}
        await ada.chats.silence(chat, grace.id, 60)
        silenced = await other.ask("typing", {"chat_id": chat, "typing": True})
        assert (silenced["payload"]["status"], silenced["payload"]["code"]) == (403, "member_is_silenced")


# -- the end


async def test_another_token_and_another_user(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    async with socket_of(ada) as socket:
        other = await socket.ask("auth", {"token": grace.token})
        assert other["payload"]["code"] == "other_user"
        assert ada.refresh_token
        await ada.resume(ada.refresh_token)
        renewed = await socket.ask("auth", {"token": await ada.access_token()})
        assert renewed["payload"]["user_id"] == ada.id


async def test_a_session_that_ends_closes_its_sockets(system: System) -> None:
    ada = await system.sign_up("Ada")
    async with socket_of(ada) as socket, system.sql() as sql:
        await sql.execute("SELECT ops.sign_out($1)", ada.email)
        assert await socket.until_closed() == (4006, "session_revoked")
    assert await refusal(ada.notify_url, ada.token) == (401, "unauthorized")


async def test_another_history_closes_the_sockets(system: System) -> None:
    ada = await system.sign_up("Ada")
    chat = await system.group(ada)
    async with socket_of(ada) as socket, system.sql() as sql:
        before = socket.cursor
        epoch = await sql.fetchval("SELECT ops.move_epoch()")
        assert await socket.until_closed() == (4001, "epoch_changed")
        reset = socket.received[-1]
        assert (reset.kind, reset.data["reason"]) == ("reset", "epoch_changed")
        assert reset.cursor.startswith(f"{epoch}.")
    await ada.messages.post(chat, "in the new one")
    async with socket_of(ada, reset.cursor) as socket:
        await socket.until(lambda s: contents(s) == ["in the new one"])
    async with socket_of(ada, before) as socket:
        assert socket.received[0].data["reason"] == "epoch_changed"


async def test_an_operator_drops_a_socket_and_it_comes_back(system: System) -> None:
    ada = await system.sign_up("Ada")
    chat = await system.group(ada)
    async with socket_of(ada) as socket, ada.listen(), system.sql() as sql:
        online = "SELECT array_agg(transport ORDER BY stream) FROM ops.online WHERE email = $1"
        async with asyncio.timeout(20):
            while await sql.fetchval(online, ada.email) != ["websocket", "sse"]:
                pass  # it is told to the database once a second
        assert await sql.fetchval("SELECT dropped FROM ops.drop_streams($1)", ada.email) == 2
        assert await socket.until_closed() == (4002, "dropped")
    await ada.messages.post(chat, "meanwhile")
    async with socket_of(ada, socket.cursor) as socket:
        await socket.until(lambda s: contents(s) == ["meanwhile"])


SETTINGS = {
    "notify__streams_per_user": 2,
    "notify__auth_seconds": 0.3,
    "notify__heartbeat_seconds": 1,
    "notify__pong_seconds": 1,
    "notify__frame_bytes": 1024,
    "notify__frames_burst": 5,
    "notify__cors_origins": "https://chat.example.com",
    "notify__drain_seconds": 1,
}


@pytest.mark.system(**SETTINGS)
async def test_bounds_and_ends(system: System, keys: Path) -> None:
    """One system for all that needs settings of its own, the last of it its shutdown."""
    ada = await system.sign_up("Ada")
    chat = await system.group(ada)
    url, token = ada.notify_url, ada.token
    session = Verifier(keys / "public.pem", "fechatter").verify(token).session_id
    brief = Signer(keys / "private.pem", "fechatter", 5)
    async with (
        open_socket(url, brief.sign(ada.id, session)[0]) as renewed,
        open_socket(url, token, origin="https://chat.example.com") as one,
    ):
        answer = await renewed.ask("auth", {"token": token})
        assert answer["payload"]["expires_at"] > time.time() + 60
        assert await refusal(url, token) == (429, "too_many_streams")
        async with open_socket(url, opened=False) as third:
            await third.send("auth", {"token": token})
            assert await third.until_closed() == (4011, "refused")
            assert third.others[0]["payload"]["code"] == "too_many_streams"
        async with open_socket(url, opened=False) as silent:
            assert await silent.until_closed() == (4007, "unauthorized")
        await one.connection.send(json.dumps({"type": "ping", "payload": "x" * 1024}))
        assert await one.until_closed() == (4009, "too_large")
        await until_figures(system, only_one_is_left)
        async with socket_of(ada) as hasty:
            for _ in range(200):
                await hasty.connection.ping()
                if hasty.ended.is_set():
                    break
            assert await hasty.until_closed() == (4010, "rate")
        await until_figures(system, only_one_is_left)
        async with raw_client(system) as mute:  # answers no ping
            await mute.send(_handshake(token))
            await mute.until(b"\x88\x0e" + (4004).to_bytes(2, "big") + b"unresponsive")
        await until_figures(system, only_one_is_left)
        async with open_socket(url, brief.sign(ada.id, session)[0]) as expired:
            assert await expired.until_closed() == (4005, "token_expired")
        assert not renewed.ended.is_set()
        await until_figures(system, only_one_is_left)
        send = {"chat_id": chat, "content": "with the new one", "idempotency_key": "k"}
        assert (await renewed.ask("message.send", send))["type"] == "message.sent"
        await system.chat.stop()
        send = {"chat_id": chat, "content": "nobody there", "idempotency_key": "k2"}
        answer = await renewed.ask("message.send", send)
        assert answer["payload"] | {"status": 503, "retry_after": 1} == answer["payload"]
        stopping = asyncio.create_task(system.notify.stop())
        assert await renewed.until_closed() == (1012, "shutdown")
        assert (await renewed.other("retry"))["payload"]["milliseconds"] >= 500
        assert await stopping == 0
    complaints = [line for line in system.notify.log if '"level": "error"' in line or "Traceback" in line]
    assert not complaints


def only_one_is_left(found: Figures) -> bool:
    return found["fechatter_sockets_open"] == 1


def _handshake(token: str, cursor: str = "") -> bytes:
    lines = [f"GET {PATH}?cursor={cursor} HTTP/1.1", "Host: x", f"Authorization: Bearer {token}", "Connection: Upgrade"]
    lines += ["Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
    return "\r\n".join([*lines, "", ""]).encode()
