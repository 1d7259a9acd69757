"""The connection to Postgres breaks in the middle of a request, at each message between the two in turn."""

import asyncio
import struct
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import httpx

from tests.chat_server.people import Person, chat_server_on, ok, settings
from tests.support.postgres import Database
from tests.support.services.proxy import Between, Streams

# Of a message from Postgres: its kind, and its length without the kind.
HEADER = struct.Struct("!cI")


def shutdown() -> bytes:
    fields = {"S": "FATAL", "V": "FATAL", "C": "57P01", "M": "terminating connection"}
    body = b"".join(f"{name}{text}\0".encode() for name, text in fields.items()) + b"\0"
    return HEADER.pack(b"E", len(body) + 4) + body


# What comes before the end: nothing, as after SIGKILL; what Postgres says when it shuts down; or half of the message.
FAREWELLS = {"killed": b"", "shut down": shutdown(), "half": None}


class Breaking(Between):
    """Passes `left` messages on, and breaks the connection at the next one; None: it breaks nothing. `farewell` is a
    value of FAREWELLS."""

    def __init__(self, target: str) -> None:
        super().__init__()
        self._target = target
        self.left: int | None = None
        self.farewell: bytes | None = b""

    async def connect(self) -> Streams:
        return await asyncio.open_unix_connection(self._target)

    def ways(self, client: Streams, server: Streams) -> tuple[Coroutine[Any, Any, None], Coroutine[Any, Any, None]]:
        return self._to_postgres(client, server[1]), self._from_postgres(server[0], client[1])

    async def _to_postgres(self, client: Streams, sink: asyncio.StreamWriter) -> None:
        while data := await client[0].read(65536):
            if self._is_last():
                await self._end(client[1], self.farewell or b"")
            sink.write(data)
        raise ConnectionResetError

    async def _from_postgres(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while True:
            header = await source.readexactly(HEADER.size)
            message = header + await source.readexactly(HEADER.unpack(header)[1] - 4)
            if self._is_last():
                await self._end(sink, message[: len(message) // 2] if self.farewell is None else self.farewell)
            sink.write(message)

    def _is_last(self) -> bool:
        if self.left is None:
            return False
        self.left -= 1
        return self.left < 0

    async def _end(self, client: asyncio.StreamWriter, last: bytes) -> None:
        self.left = None
        client.write(last)
        client.write_eof()
        await client.drain()
        raise ConnectionResetError


async def test_a_reply_is_refused_or_posted_wherever_it_breaks_and_its_retry_is_the_same_one(
    database: Database, keys: Path
) -> None:
    socket = database.url.partition("host=")[2].replace("%2F", "/") + "/.s.PGSQL.5432"
    async with Breaking(socket) as between:
        url = f"postgresql://fechatter_chat@127.0.0.1:{between.port}/{database.name}?sslmode=disable"
        async with chat_server_on(settings(url, keys)) as server:
            ada = await server.sign_up("Ada")
            for name, between.farewell in FAREWELLS.items():
                chat = await ada.chat(name=name)
                first = await ada.say(chat, "first")
                await _replies(ada, chat, first["id"], between)


async def _replies(ada: Person, chat: int, first: int, between: Breaking) -> None:
    async def reply(number: int) -> httpx.Response:
        body = {"content": str(number), "reply_to": first}
        headers = {"Idempotency-Key": f"{chat}-{number}"}
        return await ada.api.post(f"/api/chats/{chat}/messages", json=body, headers=headers)

    answers: list[httpx.Response] = []
    while between.left is None:  # it has broken, and the next reply begins with a new connection
        between.left = len(answers)
        answers.append(await reply(len(answers)))
    between.left = None
    # Fewer if the pool already has another connection, which knows the statements.
    assert len(answers) > 4, "the messages of a reply"
    for number, answer in enumerate(answers):
        assert answer.status_code in (201, 503), answer.text
        again = await reply(number)
        assert again.status_code in (200, 201), again.text
        if answer.status_code == 201:
            assert (again.status_code, again.json()["id"]) == (200, answer.json()["id"])
    posted = ok(await ada.api.get(f"/api/chats/{chat}/messages", params={"limit": 100}))
    replies = [int(message["content"]) for message in posted if message["content"] != "first"]
    assert sorted(replies) == list(range(len(answers)))
