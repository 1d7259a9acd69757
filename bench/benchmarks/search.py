"""Finding messages among 1,000,000 of natural text (bench/natural/), for people in 5, 60 and 600 of 3,000 chats.

Each query is a GET /api/search for the newest 20, measured as its client sees it: one connection, one request after the
other. Beside it, in turns, as many results by ILIKE on the same rows, through an index of pg_trgm, in the statement
that one would write, without HTTP. Of each query counts the better of two times. Queries are not those that the
constants of chat_server/search/plan.py were tuned with (bench/natural/queries.py); QUERIES=tuning asks those. ILIKE
stops at five seconds a query, and as a whole after a minute or so: the note says how many queries it had.

The messages are copied in past the log. Then the follower of a running system indexes them: what it and its PostgreSQL
backend take is counted. MESSAGES=100000 takes another amount; --size full has 5,000,000. See search_posting.py for
what posting costs.
"""

import asyncio
import itertools
import os
import random
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

import asyncpg

from bench import people, system
from bench.benchmarks.search_posting import Following, cost_of_posting
from bench.figures.cpu import Meter
from bench.figures.result import BenchError, Result, Size
from bench.figures.table import number
from bench.load.one_by_one import OneByOne
from bench.natural.conversations import conversations, shares
from bench.natural.queries import KINDS, NASTY, Asked, Written, choose, words
from bench.natural.texts import Document, texts
from bench.people import Person
from bench.system import System
from chat_core.database.pool import Connection
from chat_server.search.analysis import ANALYSER
from fechatter.progress import say

SEED = 20
LIMIT = 20
MEMBERS = 5  # of a chat, beside the people who search
ILIKE_SECONDS = 5.0
TURNS = 2
# p50, p99 and p99 of the nasty ones, in milliseconds; a quarter more messages than this are the larger amount
P50, P99, P99_NASTY, LARGE = 3, 60, 150, 1_250_000
OF_TRIGRAMS = 0.5
FED = 6_000


@dataclass(frozen=True, slots=True)
class Effort:
    messages: int
    chats: int
    in_chats: tuple[int, ...]
    queries: int
    nasty: int
    ilike_seconds: float
    rounds: int
    seconds: float


EFFORT: dict[Size, Effort] = {
    "tiny": Effort(1_500, 30, (2, 5, 20), 2, 2, 1, 1, 0.3),
    "normal": Effort(1_000_000, 3_000, (5, 60, 600), 20, 25, 80, 6, 2),
    "full": Effort(5_000_000, 3_000, (5, 60, 600), 20, 25, 300, 12, 3),
}


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who searches; `share` is that of all messages which they may read."""

    person: Person
    chats: list[int]
    share: float


@dataclass(slots=True)
class Times:
    """Milliseconds by who asked."""

    search: dict[int, list[float]] = field(default_factory=dict)
    ilike: dict[int, list[float]] = field(default_factory=dict)


async def run(size: Size) -> list[Result]:
    effort = EFFORT[size]
    amount = int(os.environ.get("MESSAGES") or effort.messages)
    said = await asyncio.to_thread(texts, size)
    async with system.running() as fechatter:
        sql = fechatter.sql
        askers, (first, last) = await _fill(fechatter, effort, said, amount)
        feed = await _feed(fechatter, amount)
        asked = await _choose(sql, effort, first, last)
        sizes = await _index_by_trigrams(sql)
        times = await _ask(fechatter, askers, asked, effort)
        cpu_ms = _cpu_of_searches(fechatter, askers, asked)
        sizes["at once"] = await _index_again(sql)
        await sql.execute("DROP INDEX bench_trigrams")
        posting = await cost_of_posting(fechatter, said, effort.rounds, effort.seconds)
    cpu = Result("CPU of a search", cpu_ms, "ms", note="chat_server and PostgreSQL, all queries once.")
    return [*_latencies(times, askers, amount), cpu, *_costs(amount, feed, sizes), *posting]


async def _fill(
    fechatter: System, effort: Effort, said: Mapping[str, Sequence[Document]], amount: int
) -> tuple[list[Asker], tuple[int, int]]:
    """The people who search, and the first and last id of the messages."""
    say(f"writing {amount:,} messages")
    chance = random.Random(SEED)
    workspace = await people.add_workspace(fechatter.sql)
    crowd = await people.add_people(fechatter.sql, fechatter.signer, workspace, 10 * MEMBERS)
    persons = await people.add_people(fechatter.sql, fechatter.signer, workspace, len(effort.in_chats))
    of = shares(effort.chats)
    groups = [chance.sample(crowd, MEMBERS) for _ in range(effort.chats)]
    inside = []
    for person, many in zip(persons, effort.in_chats, strict=True):
        # Who is in many chats is in the large ones rather than in the small ones.
        chats = sorted(range(effort.chats), key=lambda chat: chance.random() ** (1 / of[chat] ** 0.5))[-many:]
        inside.append(chats)
        for chat in chats:
            groups[chat].append(person)
    ids = await people.add_chats_of(fechatter.sql, workspace, groups)
    written = (
        (ids[chat], chance.choice(groups[chat]).id, content)
        for chat, content in conversations(said, effort.chats, amount, SEED)
    )
    span = await people.copy_messages(fechatter.sql, written)
    await people.settle(fechatter.sql)
    return [
        Asker(person, [ids[chat] for chat in chats], sum(of[chat] for chat in chats))
        for person, chats in zip(persons, inside, strict=True)
    ], span


async def _feed(fechatter: System, amount: int) -> Following:
    """Lets the follower index all messages."""
    say("indexing")
    following = await Following.begin(fechatter)
    await fechatter.sql.execute("SELECT search_begin($1, false)", ANALYSER)
    told = time.monotonic()
    while (left := await fechatter.sql.fetchval("SELECT remaining FROM search_state")) is not None:
        await asyncio.sleep(0.1)
        if left < 2**60 and time.monotonic() > told + 10:
            told = time.monotonic()
            say(f"indexing: messages below id {left:,} are left")
    await following.note()
    await people.settle(fechatter.sql)
    found = await fechatter.sql.fetchval("SELECT count(*) FROM search_documents")
    if found < amount:
        raise BenchError(f"{amount} messages were to be indexed, and {found} are")
    return following


async def _choose(sql: Connection, effort: Effort, first: int, last: int) -> dict[str, list[Asked]]:
    ids = random.Random(SEED).sample(range(first, last + 1), min(6000, last - first + 1))
    rows = await sql.fetch(
        "SELECT sender_id, content FROM unnest($1::bigint[]) WITH ORDINALITY AS one (id, place)"
        " JOIN messages USING (id) ORDER BY place",
        ids,
    )
    written = [Written(*row) for row in rows]
    found = await sql.fetch("SELECT token, documents FROM search_tokens WHERE token = ANY ($1)", list(words(written)))
    amounts = {kind: effort.nasty if kind in NASTY else effort.queries for kind in KINDS}
    tuning = os.environ.get("QUERIES") == "tuning"
    return choose(written, dict(map(tuple, found)), last - first + 1, amounts, tuning)


async def _index_by_trigrams(sql: Connection) -> dict[str, int]:
    """Makes the index of pg_trgm; bytes of both."""
    say("indexing by trigrams")
    await sql.execute("SET maintenance_work_mem = '512MB'")
    await sql.execute("CREATE INDEX bench_trigrams ON messages USING gin (content gin_trgm_ops)", timeout=3600)
    await sql.execute("ANALYZE messages")
    await sql.execute("CHECKPOINT", timeout=600)
    relations = ("search_documents_tokens_idx", "bench_trigrams", "search_documents", "search_tokens", "messages")
    return {name: await sql.fetchval("SELECT pg_total_relation_size($1::regclass)", name) for name in relations}


async def _index_again(sql: Connection) -> int:
    """Bytes of the index of search once it is built at once, as that of pg_trgm is."""
    say("indexing at once")
    await sql.execute("REINDEX INDEX search_documents_tokens_idx", timeout=3600)
    return int(await sql.fetchval("SELECT pg_relation_size('search_documents_tokens_idx')"))


async def _ask(
    fechatter: System, askers: Sequence[Asker], asked: Mapping[str, Sequence[Asked]], effort: Effort
) -> dict[str, Times]:
    times = {kind: Times() for kind in asked}
    connection = await fechatter.connect()
    deadline = time.monotonic() + effort.ilike_seconds
    try:
        await connection.execute(f"SET statement_timeout = {round(ILIKE_SECONDS * 1000)}; SET jit = off")
        with OneByOne(fechatter.chat) as client:
            for place, asker in itertools.product(range(max(map(len, asked.values()))), range(len(askers))):
                if asker == 0:
                    say(f"asking: {place + 1} of each kind")
                for kind, queries in asked.items():
                    if place < len(queries):
                        await _ask_both(client, connection, askers[asker], asker, queries[place], times[kind], deadline)
    finally:
        await connection.close()
    return times


def _cpu_of_searches(fechatter: System, askers: Sequence[Asker], asked: Mapping[str, Sequence[Asked]]) -> float:
    """Milliseconds of CPU of one, which is a fair figure on a busy machine, too."""
    say("asking once more, for the CPU that it takes")
    meter = Meter(chat=fechatter.chat_pid, postgres=fechatter.postgres_pid)
    every = [(asker, one) for asker in askers for queries in asked.values() for one in queries]
    with OneByOne(fechatter.chat) as client:
        for asker, one in every:
            client.get(_path(one), asker.person)
    shares = meter.stop()
    return (shares["chat"] + shares["postgres"]) * meter.seconds * 1000 / len(every)


def _path(asked: Asked) -> str:
    return f"/api/search?q={quote(asked.q)}&limit={LIMIT}" + ("&prefix=true" if asked.prefix else "")


async def _ask_both(
    client: OneByOne, connection: Connection, asker: Asker, number_: int, asked: Asked, times: Times, deadline: float
) -> None:
    ours, theirs = [], []
    for _ in range(TURNS):
        ours.append(client.get(_path(asked), asker.person))
        if time.monotonic() < deadline:
            theirs.append(await _ilike(connection, asker, asked))
    times.search.setdefault(number_, []).append(min(ours))
    if theirs:
        times.ilike.setdefault(number_, []).append(min(theirs))


async def _ilike(connection: Connection, asker: Asker, asked: Asked) -> float:
    patterns = ["%" + part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%" for part in asked.parts]
    conditions = "".join(f" AND content ILIKE ${place}" for place in range(4, 4 + len(patterns)))
    statement = (
        "SELECT id, chat_id, content FROM messages WHERE chat_id = ANY ($1) AND deleted_at IS NULL"  # noqa: S608
        f" AND ($2::bigint IS NULL OR sender_id = $2){conditions} ORDER BY id DESC LIMIT $3"
    )
    started = time.perf_counter()
    try:
        await connection.fetch(statement, asker.chats, asked.sender, LIMIT, *patterns)
    except asyncpg.QueryCanceledError:
        return ILIKE_SECONDS * 1000
    return (time.perf_counter() - started) * 1000


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that so many are not above."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def _latencies(times: Mapping[str, Times], askers: Sequence[Asker], amount: int) -> Iterator[Result]:
    everything = Times()
    for kind, of_kind in times.items():
        yield _latency(f"{kind}, p50", of_kind, askers)
        for name in ("search", "ilike"):
            for asker, of_asker in getattr(of_kind, name).items():
                getattr(everything, name).setdefault(asker, []).extend(of_asker)
    nasty = [one for kind in NASTY for values in times[kind].search.values() for one in values] if amount else []
    every = [one for values in everything.search.values() for one in values]
    large = amount > LARGE
    yield _latency("all queries, p50", everything, askers, P50)
    p99 = percentile(every, 0.99)
    yield Result(
        *("all queries, p99", p99, "ms"), target="" if large else f"≤ {P99} ms", reached=None if large else p99 <= P99
    )
    p99 = percentile(nasty, 0.99)
    yield Result(
        *("nasty queries, p99", p99, "ms"),
        target=f"≤ {P99_NASTY} ms",
        reached=p99 <= P99_NASTY,
        note=f"{len(nasty)} queries: {' and '.join(NASTY)}",
    )


def _latency(name: str, times: Times, askers: Sequence[Asker], most: float | None = None) -> Result:
    ours = [one for values in times.search.values() for one in values]
    theirs = [one for values in times.ilike.values() for one in values]
    by_asker = "; ".join(
        f"in {len(askers[asker].chats)} chats ({askers[asker].share:.1%} of all messages) {_spread(values)}"
        for asker, values in times.search.items()
    )
    note = f"ms, p50/p99/max of {len(ours)}: {_spread(ours)}. {by_asker}. "
    note += f"ILIKE, of {len(theirs)}: {_spread(theirs)}." if theirs else "ILIKE had no time left."
    p50 = statistics.median(ours)
    return Result(
        *(name, p50, "ms", "ILIKE, pg_trgm", statistics.median(theirs) if theirs else None),
        target=f"≤ {most:g} ms" if most else "",
        reached=p50 <= most if most else None,
        note=note,
    )


def _spread(values: Sequence[float]) -> str:
    return " / ".join(number(value) for value in (statistics.median(values), percentile(values, 0.99), max(values)))


def _costs(amount: int, feed: Following, sizes: Mapping[str, int]) -> Iterator[Result]:
    index, trigrams = sizes["search_documents_tokens_idx"], sizes["bench_trigrams"]
    mega = {name: f"{name} {number(size / 2**20)}" for name, size in sizes.items()}
    yield Result(
        *("index, as messages come", index / 2**20, "MiB", "pg_trgm, at once", trigrams / 2**20),
        note=f"MiB, indexes included: {mega['search_documents']}, {mega['search_tokens']}, {mega['messages']} (the "
        "latter with both).",
    )
    yield Result(
        *("index, built at once", sizes["at once"] / 2**20, "MiB", "pg_trgm, at once", trigrams / 2**20),
        target=f"≤ {OF_TRIGRAMS} ×",
        reached=sizes["at once"] <= OF_TRIGRAMS * trigrams,
    )
    per_second = amount / feed.cpu_seconds
    yield Result(
        *("messages indexed per second of CPU", per_second, "/s"),
        target=f"≥ {FED:,}/s",
        reached=per_second >= FED,
        note=f"µs a message: follower {number(feed.process_seconds / amount * 1e6)}, its backend "
        f"{number(feed.backend_seconds / amount * 1e6)}; in {feed.seconds:.1f} s.",
    )
