"""What posting costs while messages are indexed and while they are not, and what indexing them costs.

64 connections post natural text to ten chats, in turns with the follower at work, and with the lock that it indexes
under held by the benchmark. Counted is the CPU of chat_server and PostgreSQL without the follower and its backend.
Theirs is counted by itself, while they catch up.
"""

import asyncio
import itertools
import statistics
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Self

import psutil

from bench import people
from bench.figures import cpu
from bench.figures.result import Result
from bench.figures.table import number
from bench.load import http
from bench.natural.conversations import conversations
from bench.natural.texts import Document
from bench.system import System
from fechatter.progress import say

CONNECTIONS, CHATS = 64, 10
UNCHANGED = 1.02
_BACKENDS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'fechatter search'"
_END = f"SELECT pg_terminate_backend(pid) FROM ({_BACKENDS}) follower"  # noqa: S608 - ours
_LOCK = "hashtext('fechatter.search')"
_PATIENCE_SECONDS = 600


class Following:
    """CPU of the follower that indexes and of its backend, from its making until the last `note`."""

    def __init__(self, fechatter: System) -> None:
        self._fechatter = fechatter
        self._before: dict[int, float] = {}
        self._started = asyncio.get_running_loop().time()
        self.process_seconds = self.backend_seconds = self.seconds = 0.0

    @classmethod
    async def begin(cls, fechatter: System) -> Self:
        found = cls(fechatter)
        found._before = {pid: cpu.cpu_seconds(pid) for pids in await found.pids() for pid in pids}
        return found

    async def pids(self) -> tuple[list[int], list[int]]:
        """Of the follower and of its backend; empty while there is none."""
        children = psutil.Process(self._fechatter.chat_pid).children(recursive=True)
        processes = [child.pid for child in children if "chat_server.search.indexing.follower" in child.cmdline()]
        return processes, [row["pid"] for row in await self._fechatter.sql.fetch(_BACKENDS)]

    async def note(self) -> None:
        process, backend = [
            sum(cpu.cpu_seconds(pid) - self._before.get(pid, 0) for pid in pids) for pids in await self.pids()
        ]
        self.process_seconds, self.backend_seconds = process, backend
        self.seconds = asyncio.get_running_loop().time() - self._started

    @property
    def cpu_seconds(self) -> float:
        return self.process_seconds + self.backend_seconds


async def cost_of_posting(
    fechatter: System, said: Mapping[str, Sequence[Document]], rounds: int, seconds: float
) -> list[Result]:
    workspace = await people.add_workspace(fechatter.sql)
    senders = await people.add_people(fechatter.sql, fechatter.signer, workspace, CONNECTIONS)
    chats = await people.add_chats(fechatter.sql, workspace, CHATS, senders)
    contents = (content for _, content in conversations(said, CHATS, 50 * CONNECTIONS, seed=1))
    requests = []
    for sender in senders:
        own = itertools.islice(contents, 50)
        urls = itertools.cycle(f"{fechatter.chat}/api/chats/{chat}/messages" for chat in chats)
        requests.append(
            [http.request("POST", url, sender, {"content": content}) for url, content in zip(urls, own, strict=False)]
        )
    on, off, caught_up = list[float](), list[float](), list[Following]()
    indexed = 0
    await _post(fechatter, requests, seconds)
    for number_ in range(1, rounds + 1):
        say(f"posting: round {number_} of {rounds}")
        await _catch_up(fechatter)
        before = await _messages(fechatter)
        async with _not_indexing(fechatter):
            off.append(await _post(fechatter, requests, seconds))
            following = await Following.begin(fechatter)
        await _catch_up(fechatter)
        await following.note()
        caught_up.append(following)
        indexed += await _messages(fechatter) - before
        on.append(await _post(fechatter, requests, seconds, following))
    with_, without = statistics.median(on), statistics.median(off)
    took = sum(following.cpu_seconds for following in caught_up)
    ratios = ", ".join(f"{one / other:.3f}" for one, other in zip(on, off, strict=True))
    return [
        Result(
            *("CPU of a post while messages are indexed", with_, "µs", "while none is", without),
            target=f"≤ {UNCHANGED} ×",
            reached=with_ <= UNCHANGED * without,
            note=f"chat_server and PostgreSQL, without the follower; round by round {ratios}.",
        ),
        Result(
            *("new messages indexed per second of CPU", indexed / took if took else 0, "/s"),
            note=f"{number(indexed)} of the log, {number(took / max(1, indexed) * 1e6)} µs each, of which the follower "
            f"{number(sum(one.process_seconds for one in caught_up) / max(1, indexed) * 1e6)}.",
        ),
    ]


@asynccontextmanager
async def _not_indexing(fechatter: System) -> AsyncIterator[None]:
    """The lock is ours as soon as the follower's connection has ended, and its next one waits for it."""
    connection = await fechatter.connect()
    try:
        waiting = asyncio.create_task(
            connection.execute(f"SELECT pg_advisory_lock({_LOCK})", timeout=_PATIENCE_SECONDS)
        )
        while not waiting.done():
            await fechatter.sql.execute(_END)
            await asyncio.wait({waiting}, timeout=0.05)
        await waiting
        yield
    finally:
        await connection.close()


async def _post(
    fechatter: System, requests: Sequence[Sequence[bytes]], seconds: float, following: Following | None = None
) -> float:
    """Microseconds of CPU of a post."""
    pids = {"chat-server": fechatter.chat_pid, "postgres": fechatter.postgres_pid}
    others = [pid for pids in await following.pids() for pid in pids] if following else []
    pids |= {f"follower {pid}": pid for pid in others}
    load = await http.drive(fechatter.chat, requests, seconds, pids)
    return 1000 * (load.cpu_ms("chat-server", "postgres") - load.cpu_ms(*(f"follower {pid}" for pid in others)))


async def _messages(fechatter: System) -> int:
    return int(await fechatter.sql.fetchval("SELECT count(*) FROM messages"))


async def _catch_up(fechatter: System) -> None:
    """Returns once all that is in the log is indexed."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while await fechatter.sql.fetchval("SELECT log_head() > position FROM search_state"):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
