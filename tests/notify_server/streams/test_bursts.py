"""Many connections at once: their answers begin a few in each turn of the loop, so that others have theirs between."""

import asyncio
import functools
import socket
from collections import Counter
from contextlib import ExitStack
from typing import Any

from prometheus_client import CollectorRegistry

from chat_core.http import serving
from chat_core.problems import MEDIA_TYPE
from chat_core.settings import Settings
from notify_server.server import StreamAdmission, StreamConnection
from notify_server.subscriptions.openings import AT_ONCE, Openings
from tests.support.clients.plain_http import plain_http

MANY = 200


async def test_those_that_come_first_begin_first_and_few_in_a_turn() -> None:
    openings, begun = Openings(), list[int]()
    for number in range(MANY):
        openings.begin(lambda number=number: begun.append(number))  # type: ignore[misc]
    while len(begun) < MANY:
        before = len(begun)
        await asyncio.sleep(0)
        openings.begin(lambda: None)
        assert len(begun) - before <= AT_ONCE
    assert begun == list(range(MANY))


async def test_one_that_fails_to_begin_takes_no_other_with_it() -> None:
    openings, begun, failed = Openings(), list[int](), list[Any]()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failed.append(context["exception"]))

    def start(number: int) -> None:
        if number == AT_ONCE:  # the first of those that had to wait
            raise ValueError
        begun.append(number)

    for number in range(3 * AT_ONCE):
        openings.begin(functools.partial(start, number))
    for _ in range(6):  # turns, twice as many as it takes
        await asyncio.sleep(0)
    assert (len(begun), [type(error) for error in failed]) == (3 * AT_ONCE - 1, [ValueError])


async def test_whoever_comes_when_too_many_wait_is_sent_away_and_monitoring_is_not() -> None:
    openings = Openings(most_waiting=2)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    server = serving.Server(
        app, StreamAdmission(Settings(), openings, CollectorRegistry()), 1, connection=StreamConnection
    )
    with serving.listening_socket("127.0.0.1", 0) as bound:
        bound.listen()
        serving_all = asyncio.create_task(server.serve([bound]))
        refill = asyncio.create_task(_keep_full(openings))
        async with plain_http(base_url=f"http://127.0.0.1:{bound.getsockname()[1]}") as http:
            refused = await http.get("/api/notifications/events")
            assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
            assert refused.headers["content-type"] == MEDIA_TYPE
            assert 1 <= int(refused.headers["retry-after"]) <= 10
            assert (await http.get("/health/ready")).status_code == 204
            refill.cancel()
            assert (await http.get("/api/notifications/events")).status_code == 204
        server.should_exit = True
        await serving_all


async def _keep_full(openings: Openings) -> None:
    while True:
        while not openings.full:
            openings.begin(lambda: None)
        await asyncio.sleep(0)


async def test_requests_that_come_together_are_begun_over_many_turns() -> None:
    turn, begun, all_begun = 0, Counter[int](), asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        begun[turn] += 1
        if begun.total() == MANY:
            all_begun.set()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    async def count_turns() -> None:
        nonlocal turn
        while True:
            turn += 1
            await asyncio.sleep(0)

    server = serving.Server(
        app, StreamAdmission(Settings(), Openings(), CollectorRegistry()), 1, connection=StreamConnection
    )
    with ExitStack() as stack:
        bound = stack.enter_context(serving.listening_socket("127.0.0.1", 0))
        bound.listen(MANY)
        clients = [stack.enter_context(socket.create_connection(bound.getsockname())) for _ in range(MANY)]
        for client in clients:  # all is there before the server has its first turn
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        counting = asyncio.create_task(count_turns())
        serving_all = asyncio.create_task(server.serve([bound]))
        await all_begun.wait()
        server.should_exit = True
        await serving_all
        counting.cancel()
    assert (begun.total(), max(begun.values())) == (MANY, AT_ONCE)
