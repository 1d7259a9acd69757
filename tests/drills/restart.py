"""A thousand streams on two notify_servers: one of these is killed, then everything, Postgres too; both times each
stream has to come back, with everything that was written meanwhile."""

import asyncio
import json
import random
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

from fechatter_client.stream import PATH

from tests.drills.drill import Drill, Exercise
from tests.end_to_end.parts import kill_postgres, parts
from tests.end_to_end.system import Person, System
from tests.support.servers import ServerProcess

PEOPLE, STREAMS = 40, 25  # streams of each
BACK_SECONDS = 30.0
PATIENCE_SECONDS = 180
# How long a client waits before it tries again, after a connection that broke.
RETRY_SECONDS = (0.2, 1.2)


@dataclass
class Follower:
    """One stream after the other, on whichever server answers."""

    person: Person
    nodes: list[ServerProcess]
    got: list[str] = field(default_factory=list)
    cursor: str = ""
    there: bool = False
    opened: int = 0

    async def follow(self) -> None:
        while True:
            with suppress(OSError, asyncio.IncompleteReadError, ValueError):
                await self._read(random.choice(self.nodes).port)
            self.there = False
            await asyncio.sleep(random.uniform(*RETRY_SECONDS))

    async def _read(self, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            asked = [f"GET {PATH} HTTP/1.1", "Host: drill", f"Authorization: Bearer {self.person.token}"]
            asked += [f"Last-Event-ID: {self.cursor}"] if self.cursor else []
            writer.write("\r\n".join([*asked, "", ""]).encode())
            if b" 200 " not in await reader.readline():
                raise ValueError("refused")
            kind = ""
            while line := await reader.readline():
                name, _, value = line.decode().strip().partition(": ")
                if name == "event":
                    kind = value
                    self.opened += kind == "ready"
                    self.there = self.there or kind == "ready"
                elif name == "id":
                    self.cursor = value
                elif name == "data" and kind == "NewMessage":
                    self.got.append(json.loads(value)["content"])
                elif name == "data" and kind == "reset":
                    raise AssertionError(f"a reset: {value}")
        finally:
            writer.close()


async def run(exercise: Exercise) -> str:
    stack = exercise.stack
    running = parts(
        exercise.keys, notify__retry_milliseconds=200, connections__per_address=100000, auth__signups_per_address=1000
    )
    postgres, system = await stack.enter_async_context(running)
    node = system.notify.twin()
    stack.push_async_callback(node.stop)
    await node.start()
    nodes = [system.notify, node]
    people = await system.team(*(f"person{n}" for n in range(PEOPLE)))
    chat = await system.group(*people)
    followers = [Follower(person, nodes) for person in people for _ in range(STREAMS)]
    async with asyncio.TaskGroup() as group:
        following = [group.create_task(follower.follow()) for follower in followers]
        exercise.report(f"{len(followers)} streams open after {await _all_there(followers):.1f} s")
        posts = Posts(system, people[0], chat)

        await node.kill()
        await posts.more(10)
        half = await _all_there(followers)
        exercise.report(f"half of them back after {half:.1f} s")
        await node.start()

        await asyncio.gather(system.notify.kill(), node.kill(), system.chat.kill())
        began = time.monotonic()
        await kill_postgres(postgres)
        await asyncio.gather(*(server.start() for server in (system.chat, *nodes)))
        started = time.monotonic() - began
        await posts.more(10)
        all_back = await _all_there(followers) + started
        exercise.report(f"all of them back after {all_back:.1f} s, of which the servers' start {started:.1f} s")
        await _all_have(followers, posts.made)
        for task in following:
            task.cancel()
    wrong = [f for f in followers if f.got != posts.made]
    doubled = sum(amount - 1 for f in wrong for amount in Counter(f.got).values())
    assert not wrong, f"{len(wrong)} streams have not got each message once and in order, {doubled} doubled"
    assert max(half, all_back) <= BACK_SECONDS, "in time"
    return (
        f"{len(followers)} streams: after one of two was killed all back in {half:.1f} s, after everything was killed "
        f"in {all_back:.1f} s (start {started:.1f} s); {len(posts.made)} messages each, 0 lost, doubled, out of order"
    )


@dataclass
class Posts:
    system: System
    person: Person
    chat: int
    made: list[str] = field(default_factory=list)

    async def more(self, amount: int) -> None:
        for _ in range(amount):
            self.made.append(f"message {len(self.made)}")
            await self.person.messages.post(self.chat, self.made[-1])


async def _all_there(followers: list[Follower]) -> float:
    began = time.monotonic()
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not all(follower.there for follower in followers):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return time.monotonic() - began


async def _all_have(followers: list[Follower], made: list[str]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while any(len(follower.got) < len(made) for follower in followers):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


DRILL = Drill(
    fault="half of the notify_servers at once; then everything killed, Postgres too, and started again",
    expected="all streams back in 30 s, with everything once and in order",
    run=run,
)
