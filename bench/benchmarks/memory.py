"""Memory: what an idle stream costs notify_server, with 10,000 of them, each a person of their own, in chats of 100;
and what an idle WebSocket costs, likewise.

Before, while and after: the proportional set size of notify_server and its workers (smaps_rollup: what is shared is
counted once), each read once /metrics tells the number of streams and the process has come to rest. Not in it: the
kernel's socket buffers, which are the same for every server.

Beside it stands a connection to ws 8, the usual server of WebSockets on node, which knows nothing of who it is: as many
of them, after its garbage is collected. (Centrifugo's documentation gives 11 KiB, tuned.) And the streams of the code
before.
"""

import asyncio
import os
import re
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from bench import people, system
from bench.benchmarks.fan_out import EVENTS
from bench.code import OURS, beside_before, codes
from bench.figures.cpu import Meter, limited_by
from bench.figures.result import BenchError, Result, Size
from bench.load.streams.listeners import listeners
from bench.peers import node_servers
from bench.system import System

SOCKETS = "/api/ws"
MEMBERS = 100
SETTLE_SECONDS = 60
OF_A_STREAM = "memory of an idle stream"
STREAMS: dict[Size, int] = {"tiny": 40, "normal": 10_000, "full": 10_000}


@dataclass(frozen=True, slots=True)
class Sizes:
    """Of notify_server, in bytes; `opening` is how long the streams took to open, in seconds."""

    before: int
    during: int
    after: int
    opening: float
    shares: dict[str, float]

    def each(self, streams: int) -> float:
        """KiB of a stream."""
        return (self.during - self.before) / streams / 1024


async def run(size: Size) -> list[Result]:
    streams = STREAMS[size]
    sizes = {}
    for code in codes():
        async with system.running(code) as fechatter:
            sizes[code.name] = await _measure(fechatter, EVENTS, streams)
    measured = sizes[OURS.name]
    async with system.running() as fechatter:  # anew: what the streams have left behind would do for the sockets
        sockets = await _measure(fechatter, SOCKETS, streams)
    ws = await _measure_ws(streams) if await node_servers.install() else None
    each = measured.each(streams)
    left = (measured.after - measured.before) / 2**20
    note = (
        f"{streams:,} streams: {measured.before / 2**20:.1f} MiB before, {measured.during / 2**20:.1f} with them, "
        f"{measured.after / 2**20:.1f} after they left."
    )
    if ws is None:
        note += f" {node_servers.WS}: {node_servers.INSTALL}"
    return [
        Result(
            *(OF_A_STREAM, each, "KiB", node_servers.WS, ws),
            target="≤ 1 ×",
            reached=each <= ws if ws else None,
            note=note,
        ),
        *beside_before(
            OF_A_STREAM, "KiB", {name: [of_one] for name, of_one in sizes.items()}, lambda of_one: of_one.each(streams)
        ),
        Result("memory of an idle WebSocket", sockets.each(streams), "KiB", node_servers.WS, ws),
        Result("memory kept after they left", left, "MiB"),
        Result("streams opened", streams / measured.opening, "/s", note=limited_by(measured.shares)),
        Result("WebSockets opened", streams / sockets.opening, "/s", note=limited_by(sockets.shares)),
    ]


async def _measure(fechatter: System, path: str, streams: int) -> Sizes:
    workspace = await people.add_workspace(fechatter.sql)
    members = await people.add_people(fechatter.sql, fechatter.signer, workspace, streams)
    for first in range(0, streams, MEMBERS):
        await people.add_chats(fechatter.sql, workspace, 1, members[first : first + MEMBERS])
    await people.settle(fechatter.sql)
    async with listeners() as listening:
        # What the first streams bring with them, modules and pools, is not the price of one.
        url, ready = fechatter.notify + path, path == EVENTS
        await listening.open(url, [(person.token, 0) for person in members[:MEMBERS]], ready=ready)
        await listening.close()
        before = await settled(fechatter, 0)
        meter = Meter(server=fechatter.notify_pid, postgres=fechatter.postgres_pid, generator=listening.pid)
        opening = await listening.open(url, [(person.token, 0) for person in members], ready=ready)
        shares = meter.stop()
        during = await settled(fechatter, streams)
        await listening.close()
        after = await settled(fechatter, 0)
    return Sizes(before, during, after, opening, shares)


async def _measure_ws(streams: int) -> float:
    """KiB of a connection."""
    async with node_servers.running(node_servers.WS) as server, listeners() as listening:
        url = f"http://{server.host}:{server.port}{SOCKETS}"
        await listening.open(url, [("", 0)] * MEMBERS, ready=False)
        await listening.close()
        before = await _collected(server.pid)
        await listening.open(url, [("", 0)] * streams, ready=False)
        return (await _collected(server.pid) - before) / streams / 1024


async def _collected(pid: int) -> int:
    """The size of a server of node's once its garbage is collected and nothing changes any more."""
    sizes = [-1, resident(pid)]
    deadline = time.monotonic() + SETTLE_SECONDS
    while sizes[-1] != sizes[-2] and time.monotonic() < deadline:
        os.kill(pid, signal.SIGUSR2)
        await asyncio.sleep(0.1 if system.is_shared() else 1)
        sizes.append(resident(pid))
    return sizes[-1]


async def settled(fechatter: System, streams: int) -> int:
    """The size of notify_server once it has this many streams, and has not changed for a second."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while (found := await metric(fechatter, "fechatter_streams_open")) != streams:
        if time.monotonic() > deadline:
            raise BenchError(f"notify_server says that {found:g} streams are open, where {streams} should be")
        await asyncio.sleep(0.2)
    size, last = resident(fechatter.notify_pid), -1
    while size != last and time.monotonic() < deadline and not system.is_shared():
        await asyncio.sleep(1)
        size, last = resident(fechatter.notify_pid), size
    return size


async def metric(fechatter: System, name: str) -> float:
    """What notify_server's /metrics says of a name, all its labels together."""
    async with httpx.AsyncClient(trust_env=False, timeout=SETTLE_SECONDS) as client:
        text = (await client.get(f"{fechatter.notify}/metrics")).raise_for_status().text
    found = re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", text, re.MULTILINE)
    if not found:
        raise BenchError(f"/metrics does not tell {name}")
    return sum(map(float, found))


def resident(pid: int) -> int:
    """The proportional set size of a process and its descendants, in bytes: proc_pid_smaps(5)."""
    tree = [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    total = 0
    for member in tree:
        lines = Path(f"/proc/{member}/smaps_rollup").read_text().splitlines()
        total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total * 1024
