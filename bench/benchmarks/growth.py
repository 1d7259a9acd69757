"""What one operation costs as the data grows: messages stored, chats of a user, members of a chat.

One dimension grows at a time, while a user has otherwise 10 chats of 10 members and 100 messages each. One person does
one thing after the other on one connection, in rounds in which all sizes take turns. The figure is the median time
until the answer, of the round where that was shortest: other work on the machine only ever adds to it. Whatever is
flat must stay within 1.5 × from the smallest to the largest size; what grows by its nature has no target and says why.

- send: POST of a message, in turns to ten of the person's chats
- list: GET of the newest page of messages, in the same turns
- unread: GET /api/chats, whose page of chats has `unread`, the mentions among it and the newest message of each
- sync: GET /api/sync, the snapshot of all a user may see
- lean: the same, with the newest message of each chat and without its members

As the messages grow, these besides:

- reply: POST of a reply, in turns to a thread of each chat
- thread: GET of the newest page of replies, in the same turns
- threads: GET /api/threads, the page of followed threads with what is unread
- react: PUT and DELETE of a reaction, in turns to a message of each chat

The messages are spread over the ten chats of the measured user. Half of them are replies in ten threads of each chat,
all of which the user follows; every tenth has a reaction, and every tenth mentions the user, who has read none. Each
amount of them lies in a database of its own with a chat_server of its own, so that the sizes can take turns; the other
sizes lie side by side in one database. The rows are filled in past the log (people.py), which therefore is short.
"""

import statistics
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from bench import people, system
from bench.figures.result import Result, Size
from bench.figures.table import number
from bench.load import http
from bench.people import Person
from bench.system import System
from fechatter import database
from fechatter.progress import say

OPERATIONS = ("send", "list", "unread", "sync", "lean")
OF_MESSAGES = ("reply", "thread", "threads", "react")  # as the messages grow, and nothing else
FLAT = 1.5
CHATS = 10  # of a user, where that does not grow
MEMBERS = 10  # of a chat, likewise
MESSAGES = 100  # in a chat, likewise
TEMPLATE = "growth"  # a database with the schema, of which those of the messages are copies
THREADS = 10  # in a chat, where there are any
REACTED = 10  # to every so-manieth message
MENTIONING = 10  # every so-manieth message, the measured user


@dataclass(frozen=True, slots=True)
class Effort:
    messages: tuple[int, ...]
    chats: tuple[int, ...]
    members: tuple[int, ...]
    rounds: int
    seconds: float


_SIZES = ((10_000, 100_000, 1_000_000), (10, 100, 1_000), (10, 100, 1_000, 10_000))
EFFORT: dict[Size, Effort] = {
    "tiny": Effort((100, 1_000), (10, 20), (10, 50), 1, 0.01),
    "normal": Effort(*_SIZES, rounds=3, seconds=0.3),
    "full": Effort(*_SIZES, rounds=9, seconds=1),
}

WHY: dict[tuple[str, str], str] = {
    ("sync", "chats per user"): "The snapshot holds every chat of the user, so it grows with them.",
    ("lean", "chats per user"): "It has every chat of the user, too, with less of each.",
    ("sync", "members per chat"): "The snapshot lists the members of a chat up to 100, and leaves out longer lists.",
    (
        "unread",
        "chats per user",
    ): "A page has at most 100 chats: it grows until the page is full, and little after that.",
}


@dataclass(frozen=True, slots=True)
class Spot:
    """Somebody to measure, at one size of one dimension. `loads` are those of each operation, round by round."""

    size: int
    url: str
    pid: int
    person: Person
    chats: Sequence[int]
    threads: Sequence[tuple[int, int]] = ()  # chat and message, one of each chat
    loads: dict[str, list[http.Load]] = field(default_factory=dict)

    def requests(self, operation: str) -> list[bytes]:
        messages = [f"{self.url}/api/chats/{chat}/messages" for chat in self.chats[:CHATS]]
        match operation:
            case "send":
                body = {"content": "one more message, of about fifty bytes, as people"}
                return [http.request("POST", url, self.person, body) for url in messages]
            case "list":
                return [http.request("GET", url, self.person) for url in messages]
            case "unread":
                return [http.request("GET", f"{self.url}/api/chats", self.person)]
            case "reply" | "thread" | "threads" | "react":
                return self._of_messages(operation)
            case "sync":
                return [http.request("GET", f"{self.url}/api/sync", self.person)]
            case "lean":
                return [http.request("GET", f"{self.url}/api/sync?shape=lean", self.person)]
        raise ValueError(operation)

    def _of_messages(self, operation: str) -> list[bytes]:
        roots = [f"{self.url}/api/chats/{chat}/messages/{root}" for chat, root in self.threads]
        match operation:
            case "reply":
                return [
                    http.request("POST", url.rpartition("/")[0], self.person, {"content": "yes", "reply_to": root})
                    for url, (_, root) in zip(roots, self.threads, strict=True)
                ]
            case "thread":
                return [http.request("GET", f"{url}/thread", self.person) for url in roots]
            case "threads":
                return [http.request("GET", f"{self.url}/api/threads", self.person)]
        return [
            http.request(method, f"{url}/reactions/:ok:", self.person) for url in roots for method in ("PUT", "DELETE")
        ]

    def milliseconds(self, operation: str) -> float:
        return min(load.found.p50_ms for load in self.loads[operation])

    def cpu_milliseconds(self, operation: str) -> float:
        """Of chat_server and PostgreSQL."""
        return statistics.median(load.cpu_ms("chat-server", "postgres") for load in self.loads[operation])


async def run(size: Size) -> list[Result]:
    effort = EFFORT[size]
    async with system.running() as fechatter, AsyncExitStack() as stack:
        await make_template(fechatter)
        dimensions = {
            "messages": [await with_messages(fechatter, stack, amount) for amount in effort.messages],
            "chats per user": [await _with_chats(fechatter, amount) for amount in effort.chats],
            "members per chat": [await _with_members(fechatter, amount) for amount in effort.members],
        }
        await people.settle(fechatter.sql)
        for round_ in range(1, effort.rounds + 1):
            for operation in OPERATIONS + OF_MESSAGES:
                say(f"round {round_} of {effort.rounds}: {operation}")
                for dimension in _dimensions(operation):
                    for spot in dimensions[dimension]:
                        spot.loads.setdefault(operation, []).append(await _drive(fechatter, spot, operation, effort))
        return [
            _result(operation, dimension, spots)
            for dimension, spots in dimensions.items()
            for operation in OPERATIONS + OF_MESSAGES
            if dimension in _dimensions(operation)
        ]


def _dimensions(operation: str) -> tuple[str, ...]:
    """What grows where this is measured."""
    return ("messages",) if operation in OF_MESSAGES else ("messages", "chats per user", "members per chat")


async def _drive(fechatter: System, spot: Spot, operation: str, effort: Effort) -> http.Load:
    pids = {"chat-server": spot.pid, "postgres": fechatter.postgres_pid}
    seconds = effort.seconds * (3 if operation == "sync" else 1)  # the slowest one is to come more than once
    return await http.drive(spot.url, [spot.requests(operation)], seconds, pids, min(seconds, 0.1))


async def make_template(fechatter: System) -> None:
    """The database of which those of `with_messages` are copies, if it is not there yet."""
    if await fechatter.sql.fetchval("SELECT true FROM pg_database WHERE datname = $1", TEMPLATE):
        return
    await fechatter.sql.execute(f"CREATE DATABASE {TEMPLATE}")
    await database.migrate(fechatter.url(database=TEMPLATE), lambda _: None)
    database.make_roles(fechatter.url(database=TEMPLATE))


async def with_messages(fechatter: System, stack: AsyncExitStack, amount: int) -> Spot:
    """Somebody with ten chats in a database of its own, in which there are so many messages."""
    say(f"filling a database with {amount:,} messages")
    name = f"growth_{amount}"
    await fechatter.sql.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    sql = await fechatter.connect(database=name)
    try:
        workspace = await people.add_workspace(sql)
        members = await people.add_people(sql, fechatter.signer, workspace, MEMBERS)
        chats = await people.add_chats(sql, workspace, CHATS, members)
        plain = amount // CHATS // 2
        await people.add_messages(sql, chats, plain)
        roots = await people.add_threads(sql, chats, min(THREADS, plain), amount // CHATS - plain)
        await people.add_reactions(sql, chats, REACTED)
        await people.add_mentions(sql, chats, members[0], MENTIONING)
        await people.settle(sql)
        found = await sql.fetch(
            "SELECT chat_id, min(id) FROM messages WHERE id = ANY ($1) GROUP BY 1 ORDER BY 1", roots
        )
        threads = [(int(chat), int(root)) for chat, root in found]
    finally:
        await sql.close()
    server = system.chat_server(fechatter, arguments=["chat-server"], database=name)
    url, pid = await stack.enter_async_context(server)
    return Spot(amount, url, pid, members[0], chats, threads)


async def _with_chats(fechatter: System, amount: int) -> Spot:
    say(f"filling in a user with {amount:,} chats")
    return await _with(fechatter, amount, chats=amount, members=MEMBERS)


async def _with_members(fechatter: System, amount: int) -> Spot:
    say(f"filling in chats of {amount:,} members")
    return await _with(fechatter, amount, chats=CHATS, members=amount)


async def _with(fechatter: System, size: int, chats: int, members: int) -> Spot:
    workspace = await people.add_workspace(fechatter.sql)
    persons = await people.add_people(fechatter.sql, fechatter.signer, workspace, members)
    made = await people.add_chats(fechatter.sql, workspace, chats, persons)
    await people.add_messages(fechatter.sql, made, MESSAGES)
    await people.add_mentions(fechatter.sql, made, persons[0], MENTIONING)
    return Spot(size, fechatter.chat, fechatter.chat_pid, persons[0], made)


def _result(operation: str, dimension: str, spots: Sequence[Spot]) -> Result:
    smallest, largest = spots[0].milliseconds(operation), spots[-1].milliseconds(operation)
    why = WHY.get((operation, dimension), "")
    times = ", ".join(f"{number(spot.milliseconds(operation))} at {spot.size:,}" for spot in spots)
    cpu = ", ".join(number(spot.cpu_milliseconds(operation)) for spot in spots)
    return Result(
        f"{operation}, {spots[-1].size:,} {dimension}",
        largest,
        "ms",
        f"{spots[0].size:,} {dimension}",
        smallest,
        "" if why else f"≤ {FLAT} ×",
        None if why else largest <= FLAT * smallest,
        f"ms: {times}. CPU, ms: {cpu}. {why}".strip(),
    )
