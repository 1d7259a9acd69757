"""The primary is killed when its standbys have been cut off for a while: what they lack is lost, and put back."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field

from fechatter_client import Problem, Unreachable

from chat_core.database.pool import Connection
from tests.drills.drill import Drill, Exercise, program
from tests.drills.over_patroni import fechatter, writable
from tests.end_to_end.system import Person
from tests.support.services.patroni import installed

CUT_SECONDS = 1.5
CALM_SECONDS = 2.0


@dataclass
class Copy:
    """What a follower has of the chat, and whether it was told to begin anew."""

    person: Person
    contents: Counter[str] = field(default_factory=Counter)
    snapshots: int = 0

    async def follow(self, chat: int) -> None:
        async with aclosing(self.person.events()) as events:
            async for event in events:
                if event.kind == "Snapshot":
                    self.snapshots += 1
                    self.contents = Counter([m.content async for m in self.person.messages.newest(chat)])
                elif event.kind == "NewMessage" and event.data.chat_id == chat:
                    # A history that was fetched after the snapshot may have it already.
                    self.contents[event.data.content] = 1


async def post(person: Person, chat: int, acknowledged: list[str], stop: asyncio.Event) -> None:
    """One message after the other, each until it is acknowledged."""
    for number in itertools.count():
        content = f"{person.id}-{number}"
        while not stop.is_set():
            with suppress(Problem, Unreachable, TimeoutError):
                async with asyncio.timeout(15):
                    await person.messages.post(chat, content, idempotency_key=f"key-{content}")
                acknowledged.append(content)
                break
            await asyncio.sleep(0.1)
        if stop.is_set():
            return
        await asyncio.sleep(0.02)


async def run(exercise: Exercise) -> str:
    async with fechatter(exercise, synchronous=False) as (patroni, system):
        people = await system.team("Ada", "Grace")
        idle = await system.sign_up("Eve")  # nothing that is lost is about her
        chat = await system.group(*people)
        copies = [Copy(person) for person in (*people, idle)]
        acknowledged: list[str] = []
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            following = [group.create_task(copy.follow(chat)) for copy in copies[:2]]
            following.append(group.create_task(_listen(copies[2])))
            posting = [group.create_task(post(person, chat, acknowledged, stop)) for person in people]
            await asyncio.sleep(CALM_SECONDS)
            async with system.sql() as sql:
                epoch = await sql.fetchval("SELECT epoch FROM log_state")
            patroni.cut_standbys()
            await asyncio.sleep(CUT_SECONDS)
            before, began = len(acknowledged), time.monotonic()
            dead = await patroni.kill_primary()
            await writable(system)
            async with system.sql() as sql:
                kept = {row[0] for row in await sql.fetch("SELECT content FROM messages")}
                lost = [content for content in acknowledged[:before] if content not in kept]
            await patroni.start(dead)
            while len(acknowledged) < before + 20:  # noqa: ASYNC110 - people who write
                await asyncio.sleep(0.1)
            seconds = time.monotonic() - began
            stop.set()
            await asyncio.gather(*posting)
            async with system.sql() as sql:
                last = await sql.fetchval("SELECT last_position FROM log_epochs WHERE epoch = $1", epoch)
                truth = await _agreed(sql, chat, copies[:2], acknowledged)
            for task in following:
                task.cancel()
    assert last is not None
    assert lost, "nothing was lost: the fault was not made"
    assert set(truth.values()) == {1}, "a message was put back twice"
    assert set(acknowledged) <= truth.keys()
    begun = [copy.snapshots for copy in copies]
    assert begun == [1, 1, 0], f"only those who had got what is lost begin anew: {begun}"
    return (
        f"{len(lost)} of {before} acknowledged messages lost and all put back, 0 doubled; 2 of 3 followers reset, "
        f"the third goes on; written again after {seconds:.1f} s"
    )


async def _agreed(sql: Connection, chat: int, copies: Sequence[Copy], acknowledged: Collection[str]) -> Counter[str]:
    """What the chat has, once that is everything that was acknowledged and what all followers have."""
    deadline = time.monotonic() + 90
    while True:
        truth = Counter(row[0] for row in await sql.fetch("SELECT content FROM messages WHERE chat_id = $1", chat))
        missing = set(acknowledged) - truth.keys()
        if not missing and all(copy.contents == truth for copy in copies):
            return truth
        others = [(truth - copy.contents, copy.contents - truth) for copy in copies]
        assert time.monotonic() < deadline, f"not put back: {missing}; other copies lack and have: {others}"
        await asyncio.sleep(0.2)


async def _listen(copy: Copy) -> None:
    async with aclosing(copy.person.events()) as events:
        async for event in events:
            copy.snapshots += event.kind == "Snapshot"


DRILL = Drill(
    fault="primary killed, with standbys that are behind (Patroni, asynchronous)",
    expected="exactly those who have got what is lost are reset; own messages put back once",
    run=run,
    needs=(program("etcd", "etcd-server"), installed),
)
