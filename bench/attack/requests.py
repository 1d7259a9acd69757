"""Attacks with hostile HTTP requests: endless, unfinished, and expensive ones."""

import asyncio
import itertools

from bench.attack.target import ADDRESSES, Connection, Tally, Target

# A connection's headers end here even if the server does not mind.
MOST_HEADER_BYTES = 64 << 20
UNFINISHED = 1001
SILENT = 200
HASHERS = 110
_LINE = b"x-padding: " + b"a" * 1011 + b"\r\n"


async def endless_headers(target: Target, tally: Tally) -> None:
    """One anonymous connection after the other sends header lines without end, to both servers."""
    places = ((target.chat_host, target.chat_port), (target.notify_host, target.notify_port))
    for host, port in itertools.cycle(places):
        connection = await Connection.open(host, port, ADDRESSES[0])
        sent = 0
        if await connection.send(b"GET /health/live HTTP/1.1\r\nHost: x\r\n"):
            while sent < MOST_HEADER_BYTES and await connection.send(_LINE * 64):
                sent += len(_LINE) * 64
        tally[f"closed after {_rounded(sent)}"] += 1
        connection.cut()
        await asyncio.sleep(0.05)


async def unfinished_requests(target: Target, tally: Tally) -> None:
    """A thousand sign-ins announce a body and send none; others say nothing at all."""
    head = b"POST /api/auth/signin HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n"
    await _hold(target, tally, [head] * UNFINISHED + [b""] * SILENT + [b"GET /health/live HTTP/1.1\r\nHo"] * SILENT)


async def _hold(target: Target, tally: Tally, heads: list[bytes]) -> None:
    """Opens a connection for each, and opens it again when the server has closed it."""

    async def one(number: int, head: bytes) -> None:
        while True:
            try:
                source = ADDRESSES[number % len(ADDRESSES)]
                connection = await Connection.open(target.chat_host, target.chat_port, source)
            except OSError:
                tally["refused to connect"] += 1
                await asyncio.sleep(1)
                continue
            tally["connections"] += 1
            try:
                if await connection.send(head):
                    await connection.until_closed()
                tally["closed by the server"] += 1
            finally:
                connection.cut()
            await asyncio.sleep(0.5)

    async with asyncio.TaskGroup() as group:
        for number, head in enumerate(heads):
            group.create_task(one(number, head))


async def password_hashes(target: Target, tally: Tally) -> None:
    """Many connections of one account set the password of its own chat, again and again: each costs a hash."""
    body = b'{"password": "a password of no importance"}'
    request = _request("PUT", f"/api/chats/{target.chat}/password", target, body)
    await _repeat(target, tally, request, HASHERS)


async def comparisons(target: Target, tally: Tally) -> None:
    """One account compares a version of a large board with the board, twenty times concurrently."""
    path = f"/api/boards/{target.large_board}/versions/{target.version}/compare"
    await _repeat(target, tally, _request("GET", path, target), 20)


async def versions(target: Target, tally: Tally) -> None:
    """One account makes versions of a board of 17 MB as fast as it can."""
    path = f"/api/boards/{target.huge_board}/versions"
    await _repeat(target, tally, _request("POST", path, target, b'{"name":"v"}'), 4)


async def _repeat(target: Target, tally: Tally, request: bytes, connections: int) -> None:
    async def one(source: str) -> None:
        while True:
            try:
                connection = await Connection.open(target.chat_host, target.chat_port, source)
            except OSError:
                tally["refused to connect"] += 1
            else:
                try:
                    await connection.send(request)
                    tally[await connection.status()] += 1
                finally:
                    connection.cut()
            await asyncio.sleep(0.1)

    async with asyncio.TaskGroup() as group:
        for number in range(connections):
            group.create_task(one(ADDRESSES[number % len(ADDRESSES)]))


def _request(method: str, path: str, target: Target, body: bytes = b"") -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {target.token}\r\nConnection: close\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def _rounded(size: int) -> str:
    return f"{size >> 20} MiB" if size >= 1 << 20 else f"{size >> 10} KiB"
