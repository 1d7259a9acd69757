"""Personal access tokens at streams and boards: scopes, and ends."""

import json
import time
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from chat_core.personal_tokens import new_token
from tests.end_to_end.system import Person, System, contents
from tests.support.clients.listener import AT_ONCE_SECONDS, bare_stream, listen, refusal
from tests.support.clients.plain_http import plain_http
from tests.support.clients.ws import open_socket


async def test_a_token_opens_streams_with_its_scope_and_they_end_with_it(system: System) -> None:
    ada = await system.sign_up("Ada")
    chat = await system.group(ada)
    made = await ada.tokens.create("bot", ["events:read", "messages:write"], days=1)
    url, token = ada.notify_url, made.token
    async with listen(bare_stream(url, token)) as stream, open_socket(url, token) as socket:
        sent = await socket.ask("message.send", {"chat_id": chat, "content": "hi", "idempotency_key": "k"})
        assert sent["type"] == "message.sent"
        read = await socket.ask("read", {"chat_id": chat, "seq": 1})
        assert read["type"] == "read.moved"
        idle = await socket.ask("activity", {"idle": True})
        assert (idle["type"], idle["payload"]["code"]) == ("error", "insufficient_scope")
        again = await socket.ask("auth", {"token": token})
        assert (again["type"], again["payload"]["status"]) == ("error", 401)
        await stream.until_kind("NewMessage")
        await socket.until_kind("NewMessage")
        assert contents(stream) == contents(socket) == ["hi"]
        [listed] = [token async for token in ada.tokens.list()]
        assert listed.last_used_at is not None
        began = time.monotonic()
        await ada.tokens.end(made.id)
        await stream.until_ended(timeout=AT_ONCE_SECONDS)
        await socket.until_ended(timeout=AT_ONCE_SECONDS)
        assert time.monotonic() - began < AT_ONCE_SECONDS
    assert (await refusal(url, token)).status == 401


async def test_a_stream_ends_when_its_token_expires(system: System) -> None:
    ada = await system.sign_up("Ada")
    made = await ada.tokens.create("bot", ["events:read"], days=1)
    async with system.sql() as sql:
        shortly = "UPDATE sessions SET expires_at = date_trunc('second', now()) + interval '2 seconds' WHERE id = $1"
        await sql.execute(shortly, made.id)
    async with listen(bare_stream(ada.notify_url, made.token)) as stream:
        await stream.until_ended(timeout=4)
    assert (await refusal(ada.notify_url, made.token)).status == 401


async def test_a_token_without_the_scope_opens_nothing(system: System) -> None:
    ada = await system.sign_up("Ada")
    board = await ada.boards.create(ada.workspace, "plans")
    token = (await ada.tokens.create("bot", ["messages:write"], days=1)).token
    refused = await refusal(ada.notify_url, token)
    assert (refused.status, refused.code) == (403, "insufficient_scope")
    with pytest.raises(InvalidStatus) as handshake:
        async with open_socket(ada.notify_url, token):
            pass
    assert json.loads(handshake.value.response.body)["scope"] == "events:read"
    async with board_socket(ada, board.id, token) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await until(socket, "nothing")
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.reason == "unauthorized"
    wrong = token[:-1] + ("0" if token[-1] != "0" else "1")
    assert (await refusal(ada.notify_url, wrong)).status == 401


async def test_a_token_that_only_reads_boards_is_a_viewer_whatever_its_user_becomes(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = await ada.boards.create(ada.workspace, "plans")
    await ada.boards.add_member(board.id, grace.id, "editor")
    reader = (await grace.tokens.create("reader", ["boards:read"], days=1)).token
    writer = await grace.tokens.create("writer", ["boards:read", "boards:write"], days=1)
    async with board_socket(grace, board.id, reader) as reading, board_socket(grace, board.id, writer.token) as writing:
        assert (await until(reading, "ready"))["role"] == "viewer"
        assert (await until(writing, "ready"))["role"] == "editor"
        await ada.boards.set_role(board.id, grace.id, "owner")
        assert (await until(writing, "role"))["role"] == "owner"
        assert (await until(reading, "role"))["role"] == "viewer"
        began = time.monotonic()
        await grace.tokens.end(writer.id)
        with pytest.raises(ConnectionClosed):
            await until(writing, "nothing")
        assert time.monotonic() - began < AT_ONCE_SECONDS


@pytest.mark.system(limits__public=20, limits__window_seconds=600)
async def test_made_up_tokens_and_tickets_are_limited_by_address(system: System) -> None:
    ada = await system.sign_up("Ada")
    made = await ada.tokens.create("bot", ["boards:read"], days=1)
    for _ in range(25):  # known ones do not count
        assert (await refusal(ada.notify_url, made.token)).code == "insufficient_scope"
    for _ in range(10):
        assert (await refusal(ada.notify_url, new_token()[0])).status == 401
        async with plain_http() as client:
            answer = await client.get(f"{ada.notify_url}/api/notifications/events?ticket={new_token()[0]}")
        assert answer.status_code == 401
    refused = await refusal(ada.notify_url, new_token()[0])
    assert (refused.status, refused.code) == (429, "rate_limited")
    mistyped = made.token[:-1] + ("0" if made.token[-1] != "0" else "1")
    assert (await refusal(ada.notify_url, mistyped)).status == 401, "it costs no query"
    async with listen(bare_stream(ada.notify_url, ada.token)):
        pass


def board_socket(person: Person, board: int, token: str) -> Any:
    url = f"{person.notify_url.replace('http', 'ws', 1)}/api/boards/json/{board}"
    return connect(url, additional_headers={"Authorization": f"Bearer {token}"}, proxy=None)


async def until(socket: Any, kind: str) -> dict[str, Any]:
    """The next message of this type."""
    message: dict[str, Any] = {"type": None}
    while message["type"] != kind:
        message = json.loads(await socket.recv())
    return message


async def test_a_bound_token_opens_boards_of_its_workspace_alone(system: System) -> None:
    ada = await system.sign_up("Ada")
    other = await ada.workspaces.create("elsewhere")
    boards = [await ada.boards.create(workspace, "plans") for workspace in (ada.workspace, other.id)]
    scopes = ["boards:read", "boards:write", "events:read"]
    token = (await ada.tokens.create("bot", scopes, days=1, workspace_id=other.id)).token
    async with board_socket(ada, boards[1].id, token) as socket:
        await until(socket, "ready")
    async with board_socket(ada, boards[0].id, token) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await until(socket, "ready")
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.reason == "no_such_board"


async def test_a_bound_tokens_streams_have_its_workspace_alone_live_and_replayed(system: System) -> None:
    ada, grace = await system.team("Ada", "Grace")
    other = await ada.workspaces.create("elsewhere")
    await system.invite(ada, grace, other.id)
    there, here = [await system.group(grace, ada, workspace=workspace) for workspace in (ada.workspace, other.id)]
    left = await system.group(grace, ada, workspace=other.id)
    token = (await ada.tokens.create("bot", ["events:read"], days=1, workspace_id=other.id)).token
    async with listen(bare_stream(ada.notify_url, token)) as stream, open_socket(ada.notify_url, token) as socket:
        begun = stream.cursor
        for chat in (there, here):
            await grace.messages.post(chat, f"in {chat}")
            await grace.request("POST", f"/chats/{chat}/typing", json={"typing": True})
        for workspace in (ada.workspace, other.id):
            await ada.boards.create(workspace, f"of {workspace}")
        await ada.chats.leave(there)
        await ada.chats.leave(left)
        await ada.users.update_me(fullname="Countess")
        await ada.tokens.create("another", ["events:read"], days=1)
        late = await system.group(ada, grace, workspace=other.id)
        await grace.messages.post(late, "last")
        for live in (stream, socket):
            await live.until(lambda s: "last" in contents(s))
        got = [(event.kind, event.cursor) for event in stream.events()]
        assert got == [(event.kind, event.cursor) for event in socket.events()]
        kinds = [kind for kind, _ in got]
        for kind in ("NewBoard", "UserLeftChat", "UserUpdated", "NewChat"):
            assert kinds.count(kind) == 1, kind
        assert not {event.kind for event in stream.received} & {"Typing", "PresenceChanged", "TokenCreated"}
        assert contents(stream) == [f"in {here}", "last"]
    async with listen(bare_stream(ada.notify_url, token, cursor=begun)) as replayed:
        await replayed.until(lambda s: "last" in contents(s))
        assert [(event.kind, event.cursor) for event in replayed.events()] == got
