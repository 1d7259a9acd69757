"""All streams of a notify_server are sent to another one while people write: 50,000, or STREAMS of them.

Clients are in processes of their own, each with an address of its own, and go where a load balancer would send them.
"""

import asyncio
import contextlib
import os
import resource
import signal
import statistics
import time
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from bench import people, system
from bench.figures.cpu import Meter
from bench.load.generator import Generator, generator
from bench.system import System
from chat_core.process import children
from tests.drills.drill import Drill, Exercise

STREAMS: Final = int(os.environ.get("STREAMS", "50000"))
MEMBERS: Final = 100
WRITES_PER_SECOND: Final = 20
# Of one process; a worker and a process of clients have one descriptor for each.
SHARE_OF_DESCRIPTORS: Final = 0.85
# Of the 28,231 ports that one address of clients has towards one server.
MOST_OF_AN_ADDRESS: Final = 25_000
WITHIN_SECONDS = 60
OPEN_SECONDS, ROLL_SECONDS, CATCH_UP_SECONDS, STOP_SECONDS = 600.0, 300.0, 60.0, 60.0
BATCH = 1000
POST = "INSERT INTO messages (chat_id, sender_id, content) VALUES ($1, $2, 'while all move')"


async def run(exercise: Exercise) -> str:
    stack = exercise.stack
    each = min(int(_descriptors() * SHARE_OF_DESCRIPTORS), MOST_OF_AN_ADDRESS)
    fechatter = await stack.enter_async_context(system.running())
    processes = -(-STREAMS // each)
    workers = max(2, processes)
    servers = [
        await stack.enter_async_context(system.notify_server(fechatter, FECHATTER_NOTIFY__WORKERS=str(workers)))
        for _ in range(2)
    ]
    crowds = [await stack.enter_async_context(generator("bench.load.streams.resuming")) for _ in range(processes)]
    began = time.monotonic()
    chats = await _people(fechatter, crowds, [urlsplit(url) for url, _ in servers])
    await _until(crowds, 0, OPEN_SECONDS)
    took = time.monotonic() - began
    exercise.report(f"{STREAMS:,} streams opened in {took:.0f} s; each server has {workers} workers")
    last, enough = [0] * len(chats), asyncio.Event()
    writing = asyncio.create_task(_write(fechatter, chats, last, enough))
    await asyncio.sleep(2)
    clients = {f"clients{number}": crowd.pid for number, crowd in enumerate(crowds)}
    meter = Meter(stops=servers[0][1], takes=servers[1][1], postgres=fechatter.postgres_pid, **clients)
    os.kill(servers[0][1], signal.SIGTERM)
    await _until(crowds, 1, ROLL_SECONDS)
    cpu = _cpu(meter)
    exercise.report(cpu)
    rolled = meter.seconds
    await asyncio.sleep(2)
    enough.set()
    await writing
    found = await _caught_up(crowds, last)
    assert not any(found[name] for name in ("behind", "lost", "doubled", "disordered", "reset")), {**found, "away": ...}
    async with asyncio.timeout(STOP_SECONDS):
        await children.gone(servers[0][1])
    for crowd in crowds:
        await crowd.do("close")
    away = found["away"]
    assert len(away) == STREAMS, f"{len(away)} moves of {STREAMS} streams"
    p99 = away[int(len(away) * 0.99)]
    moved = f"{STREAMS:,} streams moved in {rolled:.0f} s"
    were_away = f"clients were away {statistics.median(away):.1f} s (p99 {p99:.1f} s, at most {away[-1]:.1f} s)"
    assert rolled <= WITHIN_SECONDS, f"{moved}, with no other fault; {were_away}; {cpu}"
    return (
        f"{moved} while {sum(last)} messages were written to {len(chats)} chats of {MEMBERS}: 0 lost, 0 doubled, "
        f"0 out of order, 0 resets; {were_away}"
    )


def _descriptors() -> int:
    """How many a process that we start may have: enough for all, where we may say so."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2 * STREAMS:
        with contextlib.suppress(OSError, ValueError):  # only root may raise it
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, 2 * STREAMS))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1]


async def _people(
    fechatter: System, crowds: Sequence[Generator], servers: Sequence[SplitResult]
) -> list[tuple[int, int]]:
    """Returns each chat with a member who writes there."""
    workspace = await people.add_workspace(fechatter.sql)
    members: list[people.Person] = []
    while len(members) < STREAMS:
        members += await people.add_people(
            fechatter.sql, fechatter.signer, workspace, min(BATCH, STREAMS - len(members))
        )
    groups = [members[at : at + MEMBERS] for at in range(0, STREAMS, MEMBERS)]
    chats = await people.add_chats_of(fechatter.sql, workspace, groups)
    await people.settle(fechatter.sql)
    addresses = [(server.hostname, server.port) for server in servers]
    everybody = [(person.token, number // MEMBERS) for number, person in enumerate(members)]
    each = -(-len(everybody) // len(crowds))
    for number, crowd in enumerate(crowds):
        some = everybody[number * each : (number + 1) * each]
        await crowd.do("open", nodes=addresses, source=f"127.0.0.{number + 2}", people=some)
    return [(chat, group[0].id) for chat, group in zip(chats, groups, strict=True)]


async def _until(crowds: Sequence[Generator], node: int, seconds: float) -> None:
    """Returns once all have their streams there."""
    async with asyncio.timeout(seconds):
        while True:
            at = [(await crowd.do("where"))["at"] for crowd in crowds]
            if sum(one[node] for one in at) == STREAMS:
                return
            await asyncio.sleep(0.2)


def _cpu(meter: Meter) -> str:
    """Who took what of a core for each stream that moved."""
    shares = meter.stop()
    clients = sum(share for name, share in shares.items() if name.startswith("clients"))
    parts = {name: shares[name] for name in ("stops", "takes", "postgres")} | {"clients": clients}
    each = ", ".join(f"{name} {share * meter.seconds / STREAMS * 1000:.2f}" for name, share in parts.items())
    return f"ms of CPU for each stream: {each}; {shares['machine']:.2f} cores were busy"


async def _write(fechatter: System, chats: Sequence[tuple[int, int]], last: list[int], enough: asyncio.Event) -> None:
    number = 0
    began = time.monotonic()
    while not enough.is_set():
        group = number * 7 % len(chats)
        await fechatter.sql.execute(POST, *chats[group])
        last[group] += 1
        number += 1
        await asyncio.sleep(max(0.0, began + number / WRITES_PER_SECOND - time.monotonic()))


async def _caught_up(crowds: Sequence[Generator], last: Sequence[int]) -> dict[str, Any]:
    """What all have seen, once nobody is behind or the patience is over."""
    deadline = time.monotonic() + CATCH_UP_SECONDS
    while True:
        reports = [await crowd.do("report", last=last) for crowd in crowds]
        found = {name: sum(one[name] for one in reports) for name in reports[0] if name != "away"}
        if not found["behind"] or time.monotonic() > deadline:
            return {**found, "away": sorted(seconds for one in reports for seconds in one["away"])}
        await asyncio.sleep(0.5)


DRILL = Drill(
    fault="a notify_server with 50,000 streams is stopped while people write",
    expected="all on the other one within 60 s; 0 lost, doubled, out of order, no reset",
    run=run,
)
