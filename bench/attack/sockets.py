"""Attacks over WebSockets: by unauthenticated strangers, by users who read nothing, and by editors whose messages
are as expensive as possible."""

import asyncio

from bench.attack.target import ADDRESSES, Connection, Tally, Target
from bench.load.documents.yjs_wire import STEP_1, UPDATE, HocuspocusWire, YWebSocketWire, buffer, frame, uint

STRANGERS = 1000
BAD_TOKEN_SECONDS = 2
HEAVY_STRANGERS = 60
UNFINISHED_BYTES = 8 << 20
DEAF_REQUESTS = 100
# As many as fit into the largest message that boards take, 8 MiB.
STATES = 900_000
RANGES = 1_180_000
VIEWER_FRAMES = 4
_YJS, _HOCUSPOCUS = YWebSocketWire("/api/boards/yjs"), HocuspocusWire("/api/boards/hocuspocus")


async def strangers(target: Target, tally: Tally) -> None:
    """A thousand sockets without a good token, which send a bad one now and then to be let wait longer."""
    wire, board = _HOCUSPOCUS, str(target.board)

    async def one(source: str, path: str) -> None:
        while True:
            connection = await _upgraded(target, tally, path, source, "")
            if connection is not None:
                bad = frame(buffer(board.encode()) + b"\2\0" + buffer(b"no token") + buffer(b"4.7.0"))
                while path == wire.path("") and await connection.send(bad):  # noqa: ASYNC110 - at its own pace
                    await asyncio.sleep(BAD_TOKEN_SECONDS)
                await connection.until_closed()
                tally["closed by the server"] += 1
                connection.cut()
            await asyncio.sleep(0.5)

    async with asyncio.TaskGroup() as group:
        for number in range(STRANGERS):
            path = (wire.path(""), "/api/ws")[number % 2]
            group.create_task(one(ADDRESSES[number % len(ADDRESSES)], path))


async def heavy_strangers(target: Target, tally: Tally) -> None:
    """Sixty anonymous connections each begin a message of 8 MiB and never end it."""
    await _heavy(target, tally, "")


async def _heavy(target: Target, tally: Tally, token: str) -> None:
    begun = b"\x82\xff" + UNFINISHED_BYTES.to_bytes(8, "big") + b"\0\0\0\0"

    async def one(source: str, path: str) -> None:
        while True:
            connection = await _upgraded(target, tally, path, source, token)
            if connection is not None:
                sent = 0
                if await connection.send(begun):
                    while sent < UNFINISHED_BYTES - 65536 and await connection.send(bytes(65536)):
                        sent += 65536
                await connection.until_closed()
                tally["closed by the server"] += 1
                connection.cut()
            await asyncio.sleep(0.5)

    async with asyncio.TaskGroup() as group:
        for number in range(HEAVY_STRANGERS):
            path = (_HOCUSPOCUS.path(""), f"/api/boards/yjs/{target.board}")[number % 2]
            group.create_task(one(ADDRESSES[number % len(ADDRESSES)], path))


async def deaf_reader(target: Target, tally: Tally) -> None:
    """A user requests a board of 4 MiB again and again, and reads nothing of it."""
    asking = _YJS.sync("", STEP_1, b"\0")
    while True:
        connection = await _upgraded(target, tally, _YJS.path(str(target.large_board)), ADDRESSES[0], target.token)
        if connection is None:
            await asyncio.sleep(0.5)
            continue
        connection.reader._transport.pause_reading()  # type: ignore[attr-defined]
        for _ in range(DEAF_REQUESTS):
            if not await connection.send(asking):
                tally["closed by the server"] += 1
                break
            tally["asked"] += 1
            await asyncio.sleep(0.02)
        connection.cut()


async def differences(target: Target, tally: Tally) -> None:
    """Twenty sockets of one account have a little of a board of 17 MB, and ask for what they lack of it."""

    async def one(source: str) -> None:
        asking = _YJS.sync("", STEP_1, b"\1" + uint(7) + uint(1))
        while True:
            path = _YJS.path(str(target.huge_board))
            connection = await _upgraded(target, tally, path, source, target.token)
            if connection is not None:
                reading = asyncio.create_task(connection.until_closed())
                try:
                    while await connection.send(asking):
                        tally["asked"] += 1
                        await asyncio.sleep(0.2)
                    tally["closed by the server"] += 1
                finally:
                    reading.cancel()
                    connection.cut()
            await asyncio.sleep(0.5)

    async with asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(one(ADDRESSES[number % len(ADDRESSES)]))


async def crowded_presence(target: Target, tally: Tally) -> None:
    """An awareness message of 7 MiB with 900,000 clients."""
    states = b"".join(uint(1_000_000 + client) + b"\1\2{}" for client in range(STATES))
    await _say(target, tally, target.board, frame(b"\1" + buffer(uint(STATES) + states)))


async def scattered_deletions(target: Target, tally: Tally) -> None:
    """An update deletes more than a million separate ranges; smaller ones like it follow."""
    large, small = _deleting(RANGES), _deleting(5000, first=3)
    await _say(target, tally, target.board, large, *[small] * 5)


async def viewers_updates(target: Target, tally: Tally) -> None:
    """The same from a viewer."""
    await _say(target, tally, target.viewed_board, *[_deleting(RANGES)] * VIEWER_FRAMES)


def _deleting(amount: int, first: int = 0) -> bytes:
    ranges = b"".join(uint(first + 2 * number) + b"\1" for number in range(amount))
    return _YJS.sync("", UPDATE, b"\0\1" + uint(7) + uint(amount) + ranges)


async def _say(target: Target, tally: Tally, board: int, *messages: bytes) -> None:
    """Opens a board, says all of it, waits for the end or for a while, and comes again."""
    while True:
        connection = await _upgraded(target, tally, _YJS.path(str(board)), ADDRESSES[0], target.token)
        if connection is None:
            await asyncio.sleep(0.5)
            continue
        reading = asyncio.create_task(connection.until_closed())
        try:
            for message in messages:
                tally["messages"] += 1
                if not await connection.send(message):
                    break
            await asyncio.wait([reading], timeout=2)
            tally["closed by the server" if reading.done() else "left open"] += 1
        finally:
            reading.cancel()
            connection.cut()


async def _upgraded(target: Target, tally: Tally, path: str, source: str, token: str) -> Connection | None:
    """A socket whose handshake was good; None, and counted, where it was not."""
    try:
        connection = await Connection.open(target.notify_host, target.notify_port, source)
    except OSError:
        tally["refused to connect"] += 1
        return None
    head = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    head += "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    if token:
        head += f"Authorization: Bearer {token}\r\n"
    await connection.send(f"{head}\r\n".encode())
    status = await connection.status()
    tally[status] += 1
    if not status.startswith("101"):
        connection.cut()
        return None
    return connection
