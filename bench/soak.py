"""`make soak`: mixed load on a Fechatter for half an hour, and whether anything of it is left behind.

People come and go with their cursors, leave by FIN and by RST, read slowly, are signed out, join and leave chats;
others post over HTTP, and SQL writes bursts of large messages. Each stream is checked while it runs: `seq` of each chat
without a hole, a repetition or a message of a chat that its user is not in. The same load runs before, for a third of
that time, and leaves the baseline: caches, pools and the allocator are as large then as they will be. In the end both
servers have to be back at it: asyncio tasks, file descriptors, memory, Postgres connections. Exit status 1 if they are
not, or if a stream is not complete.
"""

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import psutil

from bench import people, system
from bench.load.streams.follower import Counts, Follower
from bench.people import Person
from bench.system import System
from chat_core.database.pool import Connection
from fechatter.progress import say

# At least so long, or a third of the soak: until memory has seen the worst that comes together by chance.
WARM_SECONDS = 60
REPORT_SECONDS = 15
# For all streams to have everything once the load has stopped.
CATCH_UP_SECONDS = 60
# After the last stream is closed, before figures are read.
SETTLE_SECONDS = 10
# What may be more than at the baseline, of memory: an allocator gives back when it likes.
MEMORY_SHARE, MEMORY_BYTES = 0.15, 16 << 20

METRICS = {
    "chat": {"chat_tasks": "tasks"},
    "notify": {
        "fechatter_tasks": "tasks",
        "fechatter_streams_open": "open streams",
        "fechatter_streams_queued_bytes": "bytes that wait",
    },
}
PEOPLE, CHATS, MEMBERS = 120, 24, 20
WRITERS = 8
BURST_SECONDS, BURST_MESSAGES, BURST_LENGTH = 10, 1000, 6000
SETTINGS = {
    # Small and fixed, so that both are what they will be long before the baseline.
    "FECHATTER_NOTIFY__RING_BYTES": "4000000",
    "FECHATTER_NOTIFY__BUFFER_BYTES": "262144",
    "FECHATTER_DATABASE__POOL_MIN": "10",
    "FECHATTER_DATABASE__POOL_MAX": "10",
}
_BURST = """
INSERT INTO messages (chat_id, sender_id, content) SELECT $1, $2, repeat('x', $3) FROM generate_series(1, $4)
"""
_REVOKE = "UPDATE sessions SET revoked_at = now(), revoked_reason = 'logout' WHERE id = $1 AND revoked_at IS NULL"


@dataclass
class World:
    """Chats of people, of whom the first ones of each chat stay in it."""

    fechatter: System
    api: httpx.AsyncClient
    sql: Connection
    workspace: int
    people: list[Person]
    chats: dict[int, list[Person]]
    followers: list[Follower]
    counts: Counts
    posted: int = 0
    churned: int = 0
    revoked: int = 0
    failures: list[str] = field(default_factory=list)

    async def call(self, person: Person, method: str, path: str, body: object = None) -> Any:
        """The JSON of an answer; an answer that is no good one is a failure of the soak."""
        headers = {"Authorization": f"Bearer {person.token}"}
        answer = await self.api.request(method, f"/api{path}", json=body, headers=headers)
        if not answer.is_success:
            self.failures.append(f"{method} {path}: {answer.status_code} {answer.text}")
            return None
        return answer.json() if answer.content else None

    async def new_session(self, user: int) -> Person:
        """Signs in without a password."""
        add = "INSERT INTO sessions (user_id, expires_at) VALUES ($1, now() + interval '1 day') RETURNING id"
        session: int = await self.fechatter.sql.fetchval(add, user)
        return Person(user, session, self.fechatter.signer.sign(user, session)[0])


# -- the load: each of these continues until it is stopped


async def post(world: World, stop: asyncio.Event) -> None:
    while not stop.is_set():
        chat, members = random.choice(list(world.chats.items()))
        await world.call(members[0], "POST", f"/chats/{chat}/messages", {"content": "soak " * random.randint(1, 60)})
        world.posted += 1
        await asyncio.sleep(random.uniform(0, 0.15))


async def look(world: World, stop: asyncio.Event) -> None:
    """Reads as a client does that starts."""
    while not stop.is_set():
        owner = random.choice(list(world.chats.values()))[0]
        for path in ("/sync", "/chats", "/workspaces"):
            await world.call(owner, "GET", path)
        await asyncio.sleep(0.5)


async def burst(world: World, stop: asyncio.Event) -> None:
    """One statement's large messages, more than may wait for a reader."""
    while not await _over(stop, BURST_SECONDS):
        chat, members = random.choice(list(world.chats.items()))
        await world.sql.execute(_BURST, chat, members[0].id, BURST_LENGTH, BURST_MESSAGES)
        world.posted += BURST_MESSAGES


async def churn(world: World, stop: asyncio.Event) -> None:
    """Takes a member out and lets them in again."""
    while not await _over(stop, 0.5):
        chat, members = random.choice(list(world.chats.items()))
        member = random.choice(members[1:])
        await world.call(members[0], "DELETE", f"/chats/{chat}/members/{member.id}")
        await asyncio.sleep(random.uniform(0, 1))
        await world.call(members[0], "POST", f"/chats/{chat}/members", {"user_id": member.id})
        world.churned += 1


async def sign_out(world: World, stop: asyncio.Event) -> None:
    """Revokes sessions of followers, who sign in again. The owners, who write, keep theirs."""
    while not await _over(stop, 1):
        follower = random.choice(world.followers)
        person = await world.new_session(follower.person.id)
        await world.fechatter.sql.execute(_REVOKE, follower.sign_in(person).session)
        world.revoked += 1


async def _over(stop: asyncio.Event, seconds: float) -> bool:
    """Waits; True as soon as it is time to stop."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
    return stop.is_set()


LOAD: list[Callable[[World, asyncio.Event], Coroutine[Any, Any, None]]] = [
    *(post,) * WRITERS,
    look,
    burst,
    churn,
    sign_out,
]


# -- the run


async def populate(fechatter: System, api: httpx.AsyncClient, sql: Connection) -> World:
    workspace = await people.add_workspace(fechatter.sql)
    crowd = await people.add_people(fechatter.sql, fechatter.signer, workspace, PEOPLE)
    owners, others = crowd[:CHATS], crowd[CHATS:]
    chats = {}
    for owner in owners:
        members = [owner, *random.sample(others, MEMBERS - 1)]
        [chat] = await people.add_chats(fechatter.sql, workspace, 1, members)
        chats[chat] = members
    await people.settle(fechatter.sql)
    counts = Counts()
    followers = [Follower(fechatter.notify, person, counts) for person in others]
    for follower in followers:
        follower.slow_share = random.choice((0.0, 0.0, 0.5))
    return World(fechatter, api, sql, workspace, crowd, chats, followers, counts)


async def load(world: World, seconds: float, name: str) -> None:
    """The load for this long; then every stream catches up, is checked, and is closed."""
    for follower in world.followers:
        snapshot = await world.call(follower.person, "GET", "/sync")
        follower.start(snapshot["cursor"], {chat["id"]: chat["last_seq"] for chat in snapshot["chats"]})
    following = [asyncio.create_task(follower.run()) for follower in world.followers]
    stop = asyncio.Event()
    writing = [asyncio.create_task(work(world, stop)) for work in LOAD]
    started = time.monotonic()
    try:
        while (passed := time.monotonic() - started) < seconds:
            done, _ = await asyncio.wait(
                [*writing, *following],
                timeout=min(REPORT_SECONDS, seconds - passed),
                return_when=asyncio.FIRST_EXCEPTION,
            )
            for task in done:
                task.result()
            say(f"{name} {time.monotonic() - started:.0f} of {seconds:.0f} s: {_progress(world)}")
        stop.set()
        await asyncio.gather(*writing)
        for follower in world.followers:
            follower.settle()
        await _catch_up(world)
    finally:
        for task in (*writing, *following):
            task.cancel()
        await asyncio.wait([*writing, *following])


def _progress(world: World) -> str:
    counts = world.counts
    memory = " ".join(f"{name} {_memory(pid) >> 20} MB" for name, pid in _servers(world.fechatter).items())
    return (
        f"{counts.open} streams, {world.posted:,} messages, {counts.messages:,} deliveries, {counts.opened:,} opened, "
        f"{counts.cut:,} cut, {world.churned} left and joined, {world.revoked} signed out; {memory}"
    )


async def _catch_up(world: World) -> None:
    """Waits until every follower has all of its chats; missing messages are a failure."""
    query = "SELECT chat_id, user_id, last_seq FROM chat_members JOIN chats ON chats.id = chat_id"
    expected: dict[int, dict[int, int]] = {follower.person.id: {} for follower in world.followers}
    for chat, user, last in await world.fechatter.sql.fetch(query):
        if user in expected:
            expected[user][chat] = last
    deadline = time.monotonic() + CATCH_UP_SECONDS
    behind = world.followers
    while behind and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
        behind = [follower for follower in behind if follower.seqs != expected[follower.person.id]]
    for follower in behind:
        world.failures.append(f"user {follower.person.id} has {follower.seqs}, not {expected[follower.person.id]}")


# -- the figures


def _servers(fechatter: System) -> dict[str, int]:
    return {"chat": fechatter.chat_pid, "notify": fechatter.notify_pid}


def _memory(pid: int) -> int:
    return int(psutil.Process(pid).memory_info().rss)


async def figures(world: World) -> dict[str, float]:
    """What both servers hold once no client is left."""
    await asyncio.sleep(SETTLE_SECONDS)
    found: dict[str, float] = {}
    for name, pid in _servers(world.fechatter).items():  # first: asking for /metrics takes a descriptor
        found[f"{name}: file descriptors"] = psutil.Process(pid).num_fds()
        found[f"{name}: memory, MB"] = round(_memory(pid) / (1 << 20), 1)
    async with httpx.AsyncClient(trust_env=False) as client:
        for name, url in (("chat", world.fechatter.chat), ("notify", world.fechatter.notify)):
            text = (await client.get(f"{url}/metrics")).text
            values = dict(line.rpartition(" ")[::2] for line in text.splitlines())
            found |= {f"{name}: {shown}": float(values[metric]) for metric, shown in METRICS[name].items()}
    count = "SELECT count(*) FROM pg_stat_activity WHERE application_name ~ '^fechatter '"
    found["Postgres connections"] = await world.fechatter.sql.fetchval(count)
    return found


def allowed(name: str, before: float) -> float:
    if not name.endswith("MB"):
        return before
    return round(max(before * (1 + MEMORY_SHARE), before + MEMORY_BYTES / (1 << 20)), 1)


def table(before: dict[str, float], after: dict[str, float]) -> tuple[str, bool]:
    """The lines, and whether all is back at the baseline."""
    lines = [f"{'':26}{'baseline':>10}{'end':>10}{'at most':>10}"]
    good = True
    for name, value in after.items():
        most = allowed(name, before[name])
        good &= value <= most
        verdict = "" if value <= most else "  TOO MUCH"
        lines.append(f"{name:26}{before[name]:>10g}{value:>10g}{most:>10g}{verdict}")
    return "\n".join(lines), good


async def soak(minutes: float) -> int:
    async with system.running(**SETTINGS) as fechatter:
        sql = await fechatter.connect()
        limits = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(base_url=fechatter.chat, trust_env=False, timeout=60, limits=limits) as api:
            world = await populate(fechatter, api, sql)
            await load(world, max(WARM_SECONDS, minutes * 60 / 3), "warming up")
            before = await figures(world)
            await load(world, minutes * 60, "soak")
            after = await figures(world)
        await sql.close()
        text, good = table(before, after)
        print(f"{_progress(world)}\n\n{text}\n")
        log = (fechatter.folder / "up.log").read_text().splitlines()
        world.failures += [line for line in log if "error" in line.lower() or "Traceback" in line]
        world.failures += world.counts.faults
        for failure, times in Counter(failure[:300] for failure in world.failures).most_common(20):
            print(f"FAILED, {times} times: {failure}")
        if not world.failures:
            print("every stream was complete and in order, and every request answered")
    return 0 if good and not world.failures else 1


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description="Mixed load, and what is left of it.")
    parser.add_argument("--minutes", type=float, default=30, help="how long, after warming up for a third of that (30)")
    return asyncio.run(soak(parser.parse_args().minutes))


if __name__ == "__main__":
    sys.exit(main())
