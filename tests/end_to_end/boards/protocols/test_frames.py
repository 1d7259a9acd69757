"""The protocols by their frames: what answers what, and what a frame costs its sender that is none."""

import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from pycrdt import Doc, Text
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from chat_core.documents import lib0
from notify_server.documents.yjs import sync
from tests.end_to_end.boards.conftest import BoardTools
from tests.end_to_end.system import Person, System
from tests.support.clients.node import NodeClients

AUTHENTICATED, KEPT, REFUSED = b"\x02\x02", b"\x08\x01", b"\x08\x00"


def edit(text: str) -> bytes:
    doc: Doc[Any] = Doc()
    doc["text"] = Text(text)
    return bytes(doc.get_update())


@asynccontextmanager
async def hocuspocus(boards: BoardTools, board: int, person: Person) -> AsyncIterator[ClientConnection]:
    async with connect(boards.url("hocuspocus"), proxy=None) as socket:
        await socket.send(lib0.string(str(board)) + b"\x02\x00" + lib0.string(person.token))
        assert (await of_kind(socket, board, b"\x02")).startswith(AUTHENTICATED)
        yield socket


async def all_of(socket: ClientConnection) -> None:
    """Reads to the end."""
    with suppress(ConnectionClosed):
        while True:
            await socket.recv()


async def of_kind(socket: ClientConnection, board: int, kind: bytes) -> bytes:
    """The next message of a kind, without the document's name."""
    name = lib0.string(str(board))
    while True:
        frame = await socket.recv()
        assert isinstance(frame, bytes)
        assert frame.startswith(name)
        if frame.startswith(name + kind):
            return frame.removeprefix(name)


async def test_hocuspocus_gets_one_status_for_each_step_2_and_update(
    system: System, clients: NodeClients, boards: BoardTools
) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = await boards.make(ada, grace, role="viewer")
    name, updates = lib0.string(str(board)), [edit(text) for text in ("one", "two", "three")]
    async with hocuspocus(boards, board, ada) as socket, hocuspocus(boards, board, grace) as viewer:
        for message in (sync.step_2(updates[0]), sync.update(updates[1]), sync.update(updates[1])):
            await socket.send(name + b"\x00" + message)
        await socket.send(name + b"\x00" + sync.step_2(b"\x00\x00"))  # nothing: that is kept, too
        for _ in range(4):
            assert await of_kind(socket, board, b"\x08") == KEPT
        for message, answer in ((sync.update(updates[2]), REFUSED), (sync.step_2(updates[0]), KEPT)):
            await viewer.send(name + b"\x00" + message)
            assert await of_kind(viewer, board, b"\x08") == answer
        # Every step 1 is answered by the server's own: what the client has shows up each time that it asks.
        for _ in range(2):
            await socket.send(name + b"\x00" + sync.step_1(b"\x00"))
            assert (await of_kind(socket, board, b"\x00\x00"))[:2] == b"\x00\x00"
        await socket.send(name + b"\x07")
        await socket.send(name + b"\x00" + sync.update(updates[2]))  # waits for a token that never comes
        await socket.send(b"\x09")
        while (frame := await socket.recv()) != b"\x0a":
            assert frame.startswith(name + b"\x00")  # type: ignore[arg-type]  # of before
    async with system.sql() as sql:
        assert await sql.fetchval("SELECT count(*) FROM board_updates WHERE board_id = $1", board) == 2


async def test_json_messages(system: System, clients: NodeClients, boards: BoardTools) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = await boards.make(ada, grace)
    url = f"{boards.url('json')}/{board}"
    header = {"Authorization": f"Bearer {ada.token}"}
    async with connect(url, additional_headers=header, proxy=None) as socket:

        async def receive(kind: str) -> dict[str, Any]:
            while (message := json.loads(await socket.recv()))["type"] != kind:
                pass
            return dict(message)

        ready = await receive("ready")
        assert ready == {
            "type": "ready",
            "user_id": ada.id,
            "client_id": ready["client_id"],
            "role": "owner",
            "heartbeat_seconds": 15.0,
        }
        assert b64decode((await receive("yjs:sync"))["data"]) == sync.step_1(b"\x00")
        await socket.send(
            json.dumps({"type": "yjs:sync", "data": b64encode(sync.update(edit("hello"))).decode(), "ref": "a"})
        )
        assert await receive("yjs:ack") == {"type": "yjs:ack", "ref": "a"}
        await boards.open("grace", board, grace, state={"cursor": {"x": 1, "y": 2}, "user": {"name": "G"}})
        join = await receive("presence:join")
        about = {"user_id": grace.id, "client_id": join["client_id"]}
        assert join == {"type": "presence:join", **about, "user": {"name": "G"}}
        there: dict[str, Any] = {"cursor": {"x": 1, "y": 2}, "selection": [], "viewport": None}
        assert await receive("presence:sync") == {"type": "presence:sync", **about, **there}
        await clients("sees", "grace", amount=1, like={"user_id": ada.id, "user": {"name": "Ada"}, "cursor": None})
        await socket.send(json.dumps({"type": "presence:update", "cursor": {"x": 3, "y": 4}, "selection": ["note"]}))
        await socket.send(json.dumps({"type": "presence:viewport", "x": 0, "y": 0, "zoom": 2}))
        there = {"cursor": {"x": 3, "y": 4}, "selection": ["note"], "viewport": {"x": 0, "y": 0, "zoom": 2}}
        await clients("sees", "grace", amount=1, like=there)
        await clients("close", "grace")
        assert await receive("presence:leave") == {"type": "presence:leave", **about}


NO_MESSAGES = {
    "yjs": [b"\x00\x02\x03\x00\x00\x00", b"\x01\x01\x00\x00", b"\x00\x82\x00\x02\x00\x00"],
    "hocuspocus": [
        b"\x81\x00\x00",
        b"NAME\x00\x02\x03\x00\x00\x00",
        b"NAME\x01\x05\x01\x01\x01\x01[",
        b"NAME\x08\x01",
    ],
    "json": [b'{"type": "yjs:sync", "data": "AgMAAAA="}', b'{"type": "presence:update", "cursor": 1, "selection": []}'],
}


@pytest.mark.parametrize("kind", NO_MESSAGES)
async def test_what_is_no_message_ends_its_senders_socket_alone(
    system: System, clients: NodeClients, boards: BoardTools, kind: str
) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = await boards.make(ada, grace)
    for other in NO_MESSAGES:
        await boards.open(other, board, ada, kind=other)
    path = boards.url(kind) + ("" if kind == "hocuspocus" else f"/{board}")
    name = lib0.string(str(board))
    header = {"Authorization": f"Bearer {grace.token}"}
    for frame in NO_MESSAGES[kind]:
        async with connect(path, additional_headers=header, proxy=None) as socket:
            if kind == "hocuspocus":
                await socket.send(name + b"\x02\x00\x00")
            content = frame.replace(b"NAME", name)
            await socket.send(content.decode() if kind == "json" else content)
            await all_of(socket)
            assert (socket.close_code, socket.close_reason) == (4408, "protocol_error")
    await clients("insert", "json", text="hello")
    await boards.shows("hello", *NO_MESSAGES)
    for other in NO_MESSAGES:
        assert not [event for event in await clients("events", other) if "close" in event]


async def test_a_socket_of_hocuspocus_that_says_no_token_is_closed(system: System, boards: BoardTools) -> None:
    async with connect(boards.url("hocuspocus"), proxy=None) as socket:
        await all_of(socket)
        assert (socket.close_code, socket.close_reason) == (4407, "unauthorized")
