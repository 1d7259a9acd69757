"""The only synchronous standby is frozen, or killed, for longer than requests wait: whether what is posted meanwhile is
stored is unknown, nobody is shown it, and it is there once when the standby is back and the requests are repeated."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from fechatter_client import Problem

from chat_core.database.embedded import EmbeddedPostgres
from chat_core.database.embedded_account import account_for, programs
from tests.drills.drill import Drill, Exercise
from tests.drills.failover_async import post
from tests.end_to_end.parts import parts
from tests.end_to_end.system import Person, System
from tests.sql.world import until
from tests.support.clients.listener import Listener

STATEMENT_SECONDS = 2
POSTS = 20
CALM_SECONDS = 2.0
# What a request is answered with that waits for a COMMIT, or for one that does.
UNKNOWN = {"database_unavailable", "try_again"}
STREAMING = "SELECT count(*) = 1 FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = 'sync'"
STORED = "SELECT content, count(*) FROM messages WHERE chat_id = $1 GROUP BY content"


@dataclass
class Chat:
    """`heard` is what Grace's streams have brought. `waited` has the seconds until posts were refused."""

    id: int
    ada: Person
    grace: Person
    heard: Listener
    posted: list[str] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    repeated: int = 0

    async def post(self, content: str) -> Problem | None:
        """Under the content as its key; what it was answered with, if that was no success."""
        refused = None
        try:
            await self.ada.messages.post(self.id, content, idempotency_key=f"key-{content}")
        except Problem as problem:
            refused = problem
        if refused is not None:
            assert (refused.status, refused.code in UNKNOWN) == (503, True), refused
            assert refused.retry_after_seconds, "it says when to repeat it"
        return refused

    def told(self) -> Counter[str]:
        return Counter(event.data["content"] for event in self.heard.events("NewMessage"))

    async def nothing_is_known(self) -> None:
        """Each post is refused, and so is one that is repeated; whoever reads and listens is shown none."""
        new = [f"unknown-{len(self.posted) + number}" for number in range(POSTS)]
        self.posted += new
        await asyncio.gather(*map(self._refused, new))
        await self._refused(new[0])
        shown = {message.content async for message in self.grace.messages.newest(self.id)}
        assert not set(new) & {*shown, *self.told()}, "the standby has none of them"

    async def _refused(self, content: str) -> None:
        began = time.monotonic()
        problem = await self.post(content)
        assert problem is not None, "no standby has it"
        self.waited.append(time.monotonic() - began)
        self.refused[problem.code] += 1

    async def repeat(self) -> None:
        """All of them, until each is acknowledged."""
        for content in self.posted:
            while await self.post(content):  # noqa: ASYNC110 - as clients do
                await asyncio.sleep(0.2)
            self.repeated += 1


async def _copy(postgres: EmbeddedPostgres, folder: Path) -> EmbeddedPostgres:
    """A standby of a database that is running, not started yet."""
    account = account_for(folder / "postgres", lambda _: None)
    folder.mkdir()
    account.give(folder)
    where = f"--dbname={postgres.dsn()}", f"--pgdata={folder / 'postgres'}"
    command = programs(account, None) / "pg_basebackup", *where, "--checkpoint=fast", "--write-recovery-conf"
    done = await asyncio.to_thread(account.run, *command)
    assert done.returncode == 0, done.stderr
    return EmbeddedPostgres(folder)


async def _waited_for(system: System, standby: EmbeddedPostgres) -> None:
    """Returns when each COMMIT waits for it."""
    await standby.start()
    async with system.sql() as sql:
        for statement in ("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()"):
            await sql.execute(statement)
        await until(lambda: sql.fetchval(STREAMING), "it is the synchronous standby")


async def _frozen(standby: EmbeddedPostgres, chat: Chat) -> None:
    postmaster = psutil.Process(standby.pid)
    processes = [postmaster, *postmaster.children(recursive=True)]
    for process in processes:
        process.suspend()
    try:
        await chat.nothing_is_known()
    finally:
        for process in processes:
            process.resume()


async def _killed(standby: EmbeddedPostgres, chat: Chat) -> None:
    psutil.Process(standby.pid).kill()
    await standby.wait()
    try:
        await chat.nothing_is_known()
    finally:
        await standby.start()


async def _once(system: System, chat: Chat, contents: Sequence[str]) -> None:
    """Each of them is stored once, and was told once."""
    once = Counter(contents)
    async with system.sql() as sql:
        assert Counter(dict(map(tuple, await sql.fetch(STORED, chat.id)))) == once
    await chat.heard.until(lambda _: chat.told() >= once)
    assert chat.told() == once
    positions = [event.position for event in chat.heard.events("NewMessage")]
    assert positions == sorted(positions)
    assert "reset" not in chat.heard.kinds()


async def run(exercise: Exercise) -> str:
    stack, stop = AsyncExitStack(), asyncio.Event()
    acknowledged: list[str] = []
    async with (
        parts(exercise.keys, database__statement_timeout_seconds=STATEMENT_SECONDS) as (postgres, system),
        stack,
        asyncio.TaskGroup() as group,
    ):
        ada, grace, mary = await system.team("Ada", "Grace", "Mary")
        heard = await stack.enter_async_context(grace.follow())
        chat = Chat(await system.group(ada, grace, mary), ada, grace, heard)
        standby = await _copy(postgres, exercise.folder / "standby")
        stack.push_async_callback(standby.stop)
        await _waited_for(system, standby)
        posting = [group.create_task(post(person, chat.id, acknowledged, stop)) for person in (ada, mary)]
        faults = max(2, int(exercise.seconds / 20))
        for number in range(faults):
            await asyncio.sleep(CALM_SECONDS)
            await (_killed if number % 2 else _frozen)(standby, chat)
            await chat.repeat()
            exercise.report(f"{len(chat.posted)} unknown, {len(acknowledged)} others acknowledged")
        stop.set()
        await asyncio.gather(*posting)
        await _once(system, chat, [*acknowledged, *chat.posted])
    assert chat.refused["database_unavailable"], chat.refused
    codes = ", ".join(f"{amount} {code}" for code, amount in chat.refused.items())
    return (
        f"{faults} faults: {chat.refused.total()} posts waited {min(chat.waited):.1f} to {max(chat.waited):.1f} s and "
        f"got a 503 ({codes}), nobody was shown them; after {chat.repeated} repetitions each of the {len(chat.posted)} "
        f"is there once, as are {len(acknowledged)} of others who repeated until they were answered"
    )


DRILL = Drill(
    fault="the only synchronous standby frozen or killed, for longer than a request waits",
    expected="posts get a 503, nobody is shown them; repeated under their keys after its return, each is there once; "
    "0 acknowledged lost, 0 lost, doubled, out of order, no reset",
    run=run,
)
