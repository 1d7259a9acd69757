"""`python -m bench.peers.floor.posting_app DATABASE`: run by posting.py. Prints its address once it listens."""

import asyncio
import sys
from typing import cast

import asyncpg
import msgspec
import uvloop

SCHEMA = """
DROP TABLE IF EXISTS bench_floor;
CREATE TABLE bench_floor (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    content    text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
"""
_INSERT = "INSERT INTO bench_floor (content) SELECT unnest($1::text[]) RETURNING id"
_ANSWER = b'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n{"id":%d}'


class _Post(msgspec.Struct):
    content: str


_decode = msgspec.json.Decoder(_Post).decode


class Committer:
    """One connection, one batch at a time."""

    def __init__(self, sql: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._sql = sql
        self._waiting: list[tuple[asyncio.Transport, str]] = []
        self._some = asyncio.Event()

    def add(self, transport: asyncio.Transport, content: str) -> None:
        self._waiting.append((transport, content))
        self._some.set()

    async def run(self) -> None:
        insert = await self._sql.prepare(_INSERT)
        while await self._some.wait():
            self._some.clear()
            batch, self._waiting = self._waiting, []
            rows = await insert.fetch([content for _, content in batch])
            for (transport, _), row in zip(batch, rows, strict=True):
                transport.write(_ANSWER % (len(str(row[0])) + 7, row[0]))


class Connection(asyncio.Protocol):
    def __init__(self, committer: Committer) -> None:
        self._committer = committer
        self._come = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass of it

    def data_received(self, data: bytes) -> None:
        come = self._come + data
        end = come.find(b"\r\n\r\n") + 4
        start = come.find(b"Content-Length: ") + 16
        if end < 4 or len(come) < end + int(come[start : come.index(b"\r", start)]):
            self._come = come
            return
        self._come = b""
        self._committer.add(self._transport, _decode(come[end:]).content)


async def main(database: str) -> None:
    committer = Committer(await asyncpg.connect(database))
    server = await asyncio.get_running_loop().create_server(lambda: Connection(committer), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await committer.run()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
