"""Reconnect storm: 5,000 streams in 50 chats are cut in one moment, and all come back at once with Last-Event-ID,
while 200 messages/s are written from SQL.

A stream has caught up when it has everything that was sent before it was answered again; the figure is the last
stream's, from the cut. The streams are checked: each message once, in order, over the cut.

Queries are those of notify_server's role, from the cut until the end of the round, as PostgreSQL's own log has them
(log_statement, with the role before each line). What it reads of the log as on any other second (log_after, where
events were not handed over with their commit) is counted apart; all else counts, also its once-a-second report of who
is connected. A round lasts until that report is in the log, so that a log without notify_server's queries is an error.

The code before takes turns with it, with as many streams of its own.
"""

import asyncio
import itertools
import re
import statistics
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench import people, system
from bench.benchmarks.fan_out import EVENTS
from bench.code import OURS, Code, beside_before, codes
from bench.figures.cpu import Meter, limited_by, servers
from bench.figures.result import BenchError, Result, Size
from bench.figures.turns import take_turns
from bench.load.streams.listeners import Listeners, listeners
from bench.messages import Chat, evenly, write
from bench.system import System
from chat_core.database.pool import Connection

SECONDS_ALLOWED = 10
QUERIES_ALLOWED = 50
MILLISECONDS_ALLOWED = 0.5
CPU, CAUGHT_UP = "CPU of a stream that returns", "all caught up after"
PATIENCE_SECONDS = 120
# How long is written before the cut, and after all are back.
MARGIN_SECONDS = 1.0
_QUERY = re.compile(r"^fechatter_notify LOG:  (?:execute [^:]*|statement): (?:/\* (\w+) \*/|(\w+))", re.MULTILINE)
_OF_THE_LOG = "log_after"
_REPORT = "streams_report"
_REPORT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Effort:
    streams: int
    chats: int
    rounds: int


EFFORT: dict[Size, Effort] = {
    "tiny": Effort(60, 6, 1),
    "normal": Effort(5000, 50, 3),
    "full": Effort(5000, 50, 5),
}


@dataclass(frozen=True, slots=True)
class Crowd:
    """So many streams in groups, one for each chat."""

    fechatter: System
    listening: Listeners
    chats: list[Chat]
    streams: int


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds from the cut; the CPU of notify_server and PostgreSQL for each stream, in milliseconds, what is written
    meanwhile included; the queries by name; cores' worth of CPU."""

    answered: float
    caught_up: float
    milliseconds: float
    queries: Counter[str]
    shares: dict[str, float]


async def run(size: Size) -> list[Result]:
    effort = EFFORT[size]
    async with AsyncExitStack() as stack:
        crowds = {code.name: await stack.enter_async_context(_crowd(code, effort)) for code in codes()}
        found = await take_turns(effort.rounds, {name: partial(_storm, crowd) for name, crowd in crowds.items()})
    return [
        *_results(effort, found[OURS.name]),
        *beside_before(CPU, "ms", found, lambda each: each.milliseconds),
        *beside_before(CAUGHT_UP, "s", found, lambda each: each.caught_up),
    ]


def _results(effort: Effort, rounds: list[Round]) -> list[Result]:
    caught_up = [found.caught_up for found in rounds]
    queries = [found.queries.total() - found.queries[_OF_THE_LOG] for found in rounds]
    by_name = ", ".join(f"{name} {count}" for name, count in rounds[-1].queries.most_common())
    milliseconds = statistics.median(found.milliseconds for found in rounds)
    note = f"the slowest of {effort.streams:,} streams. {limited_by(rounds[-1].shares)}"
    return [
        Result(
            *(CPU, milliseconds, "ms"),
            target=f"≤ {MILLISECONDS_ALLOWED} ms",
            reached=milliseconds <= MILLISECONDS_ALLOWED,
            note="of notify_server and PostgreSQL, from the cut until the last one is answered",
        ),
        Result(
            *(CAUGHT_UP, statistics.median(caught_up), "s"),
            target=f"≤ {SECONDS_ALLOWED} s",
            reached=max(caught_up) <= SECONDS_ALLOWED,
            note=f"{note}; worst of {len(rounds)} rounds {max(caught_up):.2f} s; none lost, doubled or out of order",
        ),
        Result("all answered after", statistics.median(found.answered for found in rounds), "s"),
        Result(
            *("queries for it", statistics.median(queries), ""),
            target=f"≤ {QUERIES_ALLOWED}",
            reached=max(queries) <= QUERIES_ALLOWED,
            note=f"without {_OF_THE_LOG}, most in a round {max(queries)}; in the last one: {by_name}",
        ),
    ]


async def log_queries(sql: Connection) -> None:
    """From here on PostgreSQL logs every statement of every session, with its role.

    Each backend reads its settings again before its next statement, also one that is still starting. `ALTER ROLE … SET`
    would miss that one: it has read the role's settings, and pg_stat_activity has no role of it yet.
    """
    for setting, value in (("log_statement", "all"), ("log_line_prefix", "%u ")):
        await sql.execute(f"ALTER SYSTEM SET {setting} = '{value}'")
    loaded = await sql.fetchval("SELECT pg_conf_load_time() FROM pg_reload_conf()")
    async with asyncio.timeout(30):
        while await sql.fetchval("SELECT pg_conf_load_time()") == loaded:
            pass
    await sql.execute("SET log_statement = 'none'")  # ours are the messages, and are not counted


@asynccontextmanager
async def _crowd(code: Code, effort: Effort) -> AsyncIterator[Crowd]:
    # A client's address is the generator's: all of them come from one, and so do the people behind a company's proxy.
    async with system.running(code) as fechatter, listeners() as listening:
        await log_queries(fechatter.sql)
        yield Crowd(fechatter, listening, await _open(fechatter, listening, effort), effort.streams)


async def _open(fechatter: System, listening: Listeners, effort: Effort) -> list[Chat]:
    workspace = await people.add_workspace(fechatter.sql)
    members = await people.add_people(fechatter.sql, fechatter.signer, workspace, effort.streams)
    chats, streams = [], []
    each = effort.streams // effort.chats
    for group in range(effort.chats):
        some = members[group * each : (group + 1) * each]
        [chat] = await people.add_chats(fechatter.sql, workspace, 1, some)
        chats.append(Chat(chat, some[0].id, group))
        streams += [(person.token, group) for person in some]
    await people.settle(fechatter.sql)
    await listening.open(fechatter.notify + EVENTS, streams)
    return chats


async def _storm(crowd: Crowd) -> Round:
    fechatter, listening, chats, streams = crowd.fechatter, crowd.listening, crowd.chats, crowd.streams
    for chat in chats:
        chat.mark()
    await listening.mark(timed=1)
    enough = asyncio.Event()
    writing = asyncio.create_task(_write(fechatter, chats, enough))
    try:
        await asyncio.sleep(MARGIN_SECONDS)
        log = fechatter.folder / "data" / "postgres.log"
        logged = log.stat().st_size
        meter = Meter(server=fechatter.notify_pid, postgres=fechatter.postgres_pid, generator=listening.pid)
        cut = await listening.cut()
        answered = await listening.back(streams)
        shares = meter.stop()
        await asyncio.sleep(MARGIN_SECONDS)
    finally:
        enough.set()
        await writing
    expected = [chat.expected for chat in chats]
    await listening.received(expected, PATIENCE_SECONDS)
    queries = await _queries(log, logged)
    report = await listening.report(expected)
    report.check()
    milliseconds = servers(shares) * meter.seconds / streams * 1000
    return Round(answered, report.caught_up - cut, milliseconds, queries, shares)


async def _write(fechatter: System, chats: list[Chat], enough: asyncio.Event) -> None:
    """200 messages a second: 20 transactions of 10 rows, to the chats in turn."""
    turns = itertools.cycle(chats)
    while not enough.is_set():
        await evenly(20, 0.5, lambda _: write(fechatter.sql, next(turns), 10))


async def _queries(log: Path, start: int) -> Counter[str]:
    """What was logged since, once the report of connected users is among it."""
    try:
        async with asyncio.timeout(_REPORT_SECONDS):
            while not (found := queries_logged(log, start))[_REPORT]:  # noqa: ASYNC110 - it is a file
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise BenchError("PostgreSQL's log has no query of notify_server") from None
    return found


def queries_logged(log: Path, start: int) -> Counter[str]:
    """What PostgreSQL has logged of notify_server since, by the query's name or its first word."""
    with log.open("rb") as file:
        file.seek(start)
        text = file.read().decode(errors="replace")  # its end may be half of a letter
    return Counter(name or word for name, word in _QUERY.findall(text))
