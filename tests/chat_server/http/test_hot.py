"""Three servers get the same thousand requests. One answers hot routes before everything else, one behind what looks at
every request, and one leaves everything to Litestar; their responses, log lines, metrics and messages are the same,
byte for byte."""

import asyncio
import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import msgspec
import pytest
import structlog
from litestar import Litestar, post
from litestar.params import FromPath, JSONBody
from structlog.testing import capture_logs

from chat_core.database.embedded import EmbeddedPostgres
from chat_core.database.pool import Connection
from chat_core.http.cycle import Cycle
from chat_core.settings import Settings
from chat_core.tokens import Signer
from chat_server import app
from chat_server.http.steps import hot, limits
from chat_server.parts.changes import Changes
from tests.chat_server.http.hot_requests import KINDS, LARGEST_BODY, ORIGIN, Generator
from tests.chat_server.people import ChatServer, chat_server_on, ok, settings
from tests.support.postgres import clone

SEED = 12
REQUESTS = 1000
CONFIGURED: dict[str, Any] = {
    "limits": {"messages": 220, "window_seconds": 86_400},
    "server": {"max_body_bytes": LARGEST_BODY, "cors_origins": [ORIGIN]},
}
# Times, random ids, the seconds left of a window, and Content-Length, since Postgres shortens fractions of a second.
_VARYING = re.compile(
    rb"(?<=\r\ndate: )[^\r]+|(?<=\r\nx-request-id: )[0-9a-f]{16}|(?<=\r\ncontent-length: )\d+"
    rb'|(?<=;t=)\d+|(?<=retry-after: )\d{3,}|(?<="retry_after":)\d+|(?<=try again in )\d+'
    rb"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)"
)
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n")
_NAME = re.compile(rb"@(\w+)@")
COUNTERS = ("chat_requests_total", "chat_request_seconds_count", "chat_rate_limited_total", "chat_ephemeral_total")


@dataclass(frozen=True, slots=True)
class Place:
    """Tokens by name, and chats in which these people may do different things."""

    tokens: dict[str, str]
    chats: list[int]


@dataclass(frozen=True, slots=True)
class Run:
    """What one server did. `responses` are pairs of a request and its response, `shares` those of the pool that changes
    used. `hot` counts the responses that did not come from Litestar, by route and status."""

    responses: list[tuple[bytes, bytes]]
    log: list[dict[str, Any]]
    metrics: list[str]
    messages: list[tuple[Any, ...]]
    shares: list[Hashable]
    hot: Counter[tuple[str, int]]


class Body(msgspec.Struct):
    pass


@pytest.mark.slow
async def test_both_ways_give_the_same_responses(postgres: EmbeddedPostgres, keys: Path) -> None:
    with mock.patch.object(app, "HOT", ()):
        long = await _run(postgres, keys)
    assert not long.hot
    with _wholes() as wholes:
        short = await _run(postgres, keys)
        _compare(short, long)
        assert wholes.count(True) > REQUESTS / 2
        wholes.clear()
        with mock.patch.object(Cycle, "of", return_value=None):
            _compare(await _run(postgres, keys), long)
        assert not wholes


def _compare(short: Run, long: Run) -> None:
    for (request, one), (same, other) in zip(short.responses, long.responses, strict=True):
        assert request == same
        assert one == other, request
    assert short.log == long.log
    assert len(short.log) >= len(short.responses)
    assert short.metrics == long.metrics
    assert short.messages == long.messages
    assert short.shares == long.shares
    assert short.hot.total() > REQUESTS / 2
    assert {template for template, _ in short.hot} == {f"/api/chats/{{chat_id}}/{path}" for _, path in KINDS.values()}
    assert {status for _, status in short.hot} == {200, 201, 204, 400, 401, 403, 404, 409, 422, 429, 500}


@contextmanager
def _wholes() -> Iterator[list[bool]]:
    """Whether each response to a plain request was written as a whole."""
    written: list[bool] = []
    answer = Cycle.answer

    def noting(cycle: Cycle, *given: Any) -> bool:
        written.append(answer(cycle, *given))
        return written[-1]

    with mock.patch.object(Cycle, "answer", noting):
        yield written


def test_a_handler_with_steps_of_its_own_is_no_hot_route() -> None:
    """They would not be taken, and a guard is a check of access. Nor is one whose path has a text that is no emoji."""

    async def own(*_: object) -> None: ...

    @post("/plain")
    async def plain(data: JSONBody[Body]) -> None: ...

    @post("/guarded", guards=[own])
    async def guarded(data: JSONBody[Body]) -> None: ...

    @post("/hooked", before_request=own)
    async def hooked(data: JSONBody[Body]) -> None: ...

    @post("/named/{name:str}")
    async def named(name: FromPath[str], data: JSONBody[Body]) -> None: ...

    parts = mock.Mock(settings=Settings())
    api = Litestar([plain, guarded, hooked, named], guards=[limits.guard], openapi_config=None)
    hot.Hot(api, parts, [plain])
    for handler in (guarded, hooked, named):
        with pytest.raises(TypeError, match="cannot be a hot route"):
            hot.Hot(api, parts, [handler])


async def _run(postgres: EmbeddedPostgres, keys: Path) -> Run:
    async with (
        clone(postgres) as database,
        chat_server_on(settings(database.chat_url, keys, **CONFIGURED)) as server,
        database.connect() as sql,
    ):
        place = await _furnished(server, keys)
        generator = Generator(SEED, place.chats)
        with capture_logs([structlog.contextvars.merge_contextvars]) as log, _shares() as shares, _counted() as counted:
            responses = await _responses(server, place, generator.requests(REQUESTS))
            messages = await sql.fetch(
                "SELECT chat_id, seq, sender_id, content, metadata, reply_to, reactions FROM messages ORDER BY id"
            )
            await sql.execute("ALTER TABLE chat_members RENAME TO gone")
            responses += await _responses(server, place, generator.one_of_each())
        metrics = (await server.anybody.get("/metrics")).text.splitlines()
    return Run(
        responses,
        # Those of requests: other work of the server has lines, too, whenever there is some.
        [{**line, "ms": 0, "exc_info": None, "request_id": ""} for line in log if "request_id" in line],
        [line for line in metrics if line.startswith(COUNTERS)],
        list(map(tuple, messages)),
        shares,
        counted,
    )


async def _furnished(server: ChatServer, keys: Path) -> Place:
    ada, bob = await server.team("Ada", "Bob")
    eve = await server.sign_up("Eve")
    ended = (await server.sign_in(eve)).json()["token"]
    ok(await (await server.client(ended)).post("/api/auth/logout"), 204)
    group, channel, archived, quiet = (
        await ada.chat(bob, name="both"),
        await ada.chat(type="PublicChannel"),
        await ada.chat(bob, name="archived"),
        await ada.chat(bob, type="PublicChannel"),
    )
    await ada.say(group, "the first message")
    ok(await ada.api.post(f"/api/chats/{archived}/archive"))
    ok(await ada.api.put(f"/api/chats/{quiet}/members/{bob.id}/silence", json={"seconds": 3600}))
    expired, _ = Signer(keys / "private.pem", "fechatter", -60).sign(ada.id, 1)
    tokens = {"ada": ada.token, "bob": bob.token, "eve": eve.token, "expired": expired, "ended": ended}
    return Place(tokens, [group, channel, archived, quiet])


async def _responses(server: ChatServer, place: Place, requests: Iterable[bytes]) -> list[tuple[bytes, bytes]]:
    """Each request with its response, sent one after the other."""
    port = urlsplit(server.url).port or 0
    values = {b"port": b"%d" % port} | {name.encode(): token.encode() for name, token in place.tokens.items()}
    writer: asyncio.StreamWriter | None = None
    found = []
    for request in requests:
        if writer is None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(_NAME.sub(lambda name: values[name[1]], request))
        response = await reader.readuntil(b"\r\n\r\n")
        if not request.startswith(b"HEAD ") and (length := _LENGTH.search(response)):
            response += await reader.readexactly(int(length[1]))
        found.append((request, _VARYING.sub(b"*", response)))
        if b"\r\nconnection: close\r\n" in response:
            writer.close()
            writer = None
    if writer is not None:
        writer.close()
    return found


@contextmanager
def _shares() -> Iterator[list[Hashable]]:
    shares: list[Hashable] = []
    connection = Changes.connection

    def noting(changes: Changes, place: Hashable) -> AbstractAsyncContextManager[Connection]:
        shares.append(place)
        return connection(changes, place)

    with mock.patch.object(Changes, "connection", noting):
        yield shares


@contextmanager
def _counted() -> Iterator[Counter[tuple[str, int]]]:
    """Counts the responses that do not come from Litestar, by route and status."""
    counter: Counter[tuple[str, int]] = Counter()
    answer = hot._answer

    async def counted(app: Any, route: Any, *given: Any) -> Any:
        answered = await answer(app, route, *given)
        counter[route.template, answered[0]] += 1
        return answered

    with mock.patch.object(hot, "_answer", counted):
        yield counter
