"""Sign-out by the provider: from its logout token to the end of the session's stream.

People have signed in at a provider of OpenID Connect, and each has an open stream. The provider posts a logout token
for one session after the other (back-channel logout), at an even rate. The time is from sending the request until the
stream has ended, over two servers and Postgres. Every other way in ends sessions by the same statement.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from bench import people, system
from bench.benchmarks.fan_out import EVENTS
from bench.figures.result import BenchError, Result, Size
from bench.messages import evenly
from bench.peers import provider
from bench.peers.provider import Provider
from bench.people import Person
from bench.system import System
from fechatter.progress import say

MILLISECONDS_ALLOWED = 1000
PER_SECOND = 20
PATIENCE_SECONDS = 30
LONGEST_SECONDS = 300  # a stream says nothing for a while

MANY = httpx.Limits(max_connections=None)

_AT_THE_PROVIDER = "UPDATE sessions SET provider = 'acme', provider_sid = 'session ' || id WHERE id = ANY ($1)"


@dataclass(frozen=True, slots=True)
class Stream:
    """`opened` when it has said that it is ready; `ended_at` on this process's clock."""

    person: Person
    opened: asyncio.Event
    ended_at: asyncio.Future[float]


EFFORT: dict[Size, int] = {"tiny": 5, "normal": 200, "full": 1000}


async def run(size: Size) -> list[Result]:
    async with provider.running() as acme:
        settings = {"FECHATTER_AUTH__PROVIDERS": f'{{"acme": {acme.settings()}}}'}
        async with system.running(**settings) as fechatter:
            workspace = await people.add_workspace(fechatter.sql)
            everybody = await people.add_people(fechatter.sql, fechatter.signer, workspace, EFFORT[size])
            await fechatter.sql.execute(_AT_THE_PROVIDER, [person.session for person in everybody])
            await people.settle(fechatter.sql)
            seconds = sorted(await _sign_out(fechatter, acme, everybody))
    p50, p99 = (seconds[int(len(seconds) * share)] * 1000 for share in (0.5, 0.99))
    return [
        Result("logout token to the stream's end, p50", p50, "ms"),
        Result(
            *("logout token to the stream's end, p99", p99, "ms"),
            target=f"≤ {MILLISECONDS_ALLOWED} ms",
            reached=p99 <= MILLISECONDS_ALLOWED,
            note=f"{len(seconds)} sessions, {PER_SECOND} a second; the slowest {seconds[-1] * 1000:.0f} ms",
        ),
    ]


async def _sign_out(fechatter: System, acme: Provider, everybody: Sequence[Person]) -> list[float]:
    """Seconds of each session."""
    running = asyncio.get_running_loop()
    async with (
        httpx.AsyncClient(base_url=fechatter.notify, timeout=LONGEST_SECONDS, trust_env=False, limits=MANY) as streams,
        httpx.AsyncClient(base_url=fechatter.chat, timeout=PATIENCE_SECONDS, trust_env=False) as at_the_back,
        asyncio.timeout(PATIENCE_SECONDS + len(everybody) / PER_SECOND),
        asyncio.TaskGroup() as group,
    ):
        held = [Stream(person, asyncio.Event(), running.create_future()) for person in everybody]
        for stream in held:
            group.create_task(_hold(streams, stream))
        for stream in held:
            await stream.opened.wait()
        say(f"{len(held)} streams are open")
        taken: list[float] = []
        left = iter(held)

        async def end(_: int) -> None:
            stream = next(left)
            token = acme.logout_token(f"session {stream.person.session}")
            begun = time.perf_counter()
            answer = await at_the_back.post("/api/auth/oidc/acme/backchannel-logout", data={"logout_token": token})
            if answer.status_code != httpx.codes.OK:
                raise BenchError(f"a logout token was answered with {answer.status_code}: {answer.text}")
            taken.append(await stream.ended_at - begun)

        await evenly(PER_SECOND, len(held) / PER_SECOND, end)
        return taken


async def _hold(streams: httpx.AsyncClient, stream: Stream) -> None:
    headers = {"Authorization": f"Bearer {stream.person.token}"}
    async with streams.stream("GET", EVENTS, headers=headers) as answer:
        if answer.status_code != httpx.codes.OK:
            raise BenchError(f"a stream was answered with {answer.status_code}")
        async for line in answer.aiter_lines():
            if line.startswith("event: ready"):
                stream.opened.set()
    stream.ended_at.set_result(time.perf_counter())
