"""What one connection may take: names and sessions on a socket, what is sent before a token, what is not read."""

import socket as sockets

from websockets.asyncio.client import connect

from chat_core.documents import lib0
from chat_core.settings import Boards
from notify_server.documents.awareness import Entry
from notify_server.documents.protocols.hocuspocus import MOST_DOCUMENTS, MOST_SESSIONS
from notify_server.documents.yjs import awareness, sync
from notify_server.websocket.websocket_stream import CONFINED_BYTES
from tests.end_to_end.boards.conftest import BoardTools
from tests.end_to_end.boards.protocols.test_frames import KEPT, all_of, edit
from tests.end_to_end.system import System
from tests.support.clients.node import NodeClients
from tests.support.clients.plain_http import plain_http

DENIED = b"\x02\x01"


async def test_a_socket_of_hocuspocus_has_so_many_documents(system: System, boards: BoardTools) -> None:
    """Names count, open or not; one that is closed makes room."""
    ada = await system.sign_up("Ada")
    board = await boards.make(ada)
    token = b"\x02\x00" + lib0.string(ada.token)
    async with connect(boards.url("hocuspocus"), proxy=None) as socket:

        async def answer(name: str) -> bytes:
            await socket.send(lib0.string(name) + token)
            frame = await socket.recv()
            assert isinstance(frame, bytes)
            return frame.removeprefix(lib0.string(name))

        for number in range(MOST_DOCUMENTS):
            assert await answer(f"none {number}") == DENIED + lib0.string("no_such_board")
        assert await answer(str(board)) == DENIED + lib0.string("too_many_documents")
        await socket.send(lib0.string("none 7") + b"\x07")
        assert (await answer(str(board))).startswith(b"\x02\x02")


async def test_a_document_has_so_many_sessions_on_a_socket(system: System, boards: BoardTools) -> None:
    ada = await system.sign_up("Ada")
    board = await boards.make(ada)
    async with connect(boards.url("hocuspocus"), proxy=None) as socket:
        for number in range(MOST_SESSIONS + 1):
            name = lib0.string(f"{board}\0{number}")
            await socket.send(name + b"\x02\x00" + lib0.string(ada.token))
            frame = await socket.recv()
            answer = b"\x02\x02" if number < MOST_SESSIONS else DENIED + lib0.string("too_many_connections")
            assert isinstance(frame, bytes)
            assert frame.startswith(name + answer)
        name = lib0.string(f"{board}\0" + "0")
        await socket.send(name + b"\x00" + sync.update(edit("still here")))
        while await socket.recv() != name + KEPT:
            pass  # the other sessions are told of it


async def test_what_waits_for_a_token_is_bounded(system: System, boards: BoardTools) -> None:
    """Many small messages, and one that is large; a client with a token may send it right behind that."""
    ada = await system.sign_up("Ada")
    name = lib0.string(str(await boards.make(ada)))
    for size, amount in ((CONFINED_BYTES // 4, 4), (1 << 16, 1)):
        async with connect(boards.url("hocuspocus"), proxy=None) as socket:
            for _ in range(amount):
                await socket.send(name + b"\x00" + sync.update(bytes(size)))
            await all_of(socket)
            assert (socket.close_code, socket.close_reason) == (4409, "too_large")
    async with connect(boards.url("hocuspocus"), proxy=None) as socket:
        await socket.send(name + b"\x02\x00" + lib0.string(ada.token))
        await socket.send(name + b"\x00" + sync.update(edit("x" * 100_000)))
        while await socket.recv() != name + KEPT:
            pass


async def test_who_reads_nothing_is_out_and_holds_up_nobody(
    system: System, clients: NodeClients, boards: BoardTools
) -> None:
    ada, grace = await system.team("Ada", "Grace")
    board = await boards.make(ada, grace)
    await boards.open("ada", board, ada)
    await boards.open("writer", board, ada)
    narrow = sockets.create_connection(("127.0.0.1", system.notify.port))
    narrow.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    path, header = f"{boards.url('yjs')}/{board}", {"Authorization": f"Bearer {grace.token}"}
    async with connect(
        path, sock=narrow, additional_headers=header, max_queue=1, proxy=None, close_timeout=0.1
    ) as reader:
        await reader.send(b"\x01" + lib0.buffer(awareness.write([Entry(7, 1, b'{"name":"Grace"}')])))
        await clients("sees", "ada", amount=1, like={"user_id": grace.id})
        size = 1 << 18
        for number in range(Boards().buffer_bytes // size + 4):  # more than the kernel keeps for it, too
            await clients("insert", "writer", text=str(number % 10) * size)
        await clients("sees", "ada", amount=0, like={"user_id": grace.id})
        await boards.shows(await clients("text", "writer"), "ada")
    async with plain_http() as http:
        figures = (await http.get(f"{system.notify.url}/metrics")).text
    assert 'fechatter_streams_closed_total{reason="slow",transport="yjs"}' in figures
