"""An upgrade under traffic: the servers of the version before work on the new schema while new ones take over.

It does what docs/operations/upgrading.md says: nginx in front, the schema first, then new servers beside the old ones,
then the old ones stop. The version before is the newest tag or, without one, the commit before the newest migration;
PREVIOUS=… names another.
"""

import asyncio
import grp
import os
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx
from fechatter_client import Problem

from chat_core.database import queries
from chat_core.database.embedded import EmbeddedPostgres
from tests.drills.drill import Drill, Exercise, program
from tests.end_to_end.system import PASSWORD, Person
from tests.support.clients.listener import Listener
from tests.support.clients.plain_http import plain_http
from tests.support.postgres import ROOT, execute
from tests.support.servers import ServerProcess, free_port

NEEDED_AT_EACH_STEP = 150  # requests
PEOPLE = 4
NGINX = """
{user} daemon off; pid {folder}/nginx.pid; error_log stderr crit; worker_processes 1; events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    upstream chat {{ {chat} }}
    upstream notify {{ {notify} }}
    proxy_next_upstream error http_503;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    server {{
        listen 127.0.0.1:{port};
        location = /api/notifications/events {{ proxy_pass http://notify; proxy_buffering off; }}
        location / {{ proxy_pass http://chat; }}
    }}
}}
"""


@dataclass
class Traffic:
    """What was asked and answered. `repeated`: answers after which the client tried once more."""

    answered: int = 0
    repeated: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    longest_seconds: float = 0.0
    posted: set[int] = field(default_factory=set)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def noted(self, response: httpx.Response) -> None:
        if response.status_code in (429, 502, 503, 504):
            self.repeated[str(response.status_code)] += 1

    async def work(self, person: Person, chat: int, rng: random.Random) -> None:
        """Posts, reads, reacts and moves the marker, one request after the other, until cancelled."""
        newest = await person.messages.post(chat, "here")
        self.posted.add(newest.id)
        while True:
            begun = time.monotonic()
            try:
                match rng.choices(("post", "read", "react", "mark"), (60, 20, 15, 5))[0]:
                    case "post":
                        newest = await person.messages.post(chat, f"{person.email} {self.answered}")
                        self.posted.add(newest.id)
                    case "read":
                        assert await anext(person.messages.newest(chat, page_size=5))
                    case "react":
                        await person.reactions.add(chat, newest.id, "👍")
                    case _:
                        await person.reading.move_marker(chat, newest.seq)
            except Problem as problem:
                self.failed.append(f"{problem.status} {problem.code}: {problem.detail}")
            except Exception as error:
                self.failed.append(f"{type(error).__name__}: {error}")
            self.answered += 1
            self.longest_seconds = max(self.longest_seconds, time.monotonic() - begun)
            self.news.set()

    async def goes_on(self) -> None:
        enough = self.answered + NEEDED_AT_EACH_STEP
        while self.answered < enough:
            self.news.clear()
            await self.news.wait()


async def run(exercise: Exercise) -> str:
    stack, folder = exercise.stack, exercise.folder
    previous = os.environ.get("PREVIOUS") or _version_before()
    old = folder / "old"
    old.mkdir()
    archive = subprocess.run(["git", "archive", previous], cwd=ROOT, check=True, capture_output=True)
    subprocess.run(["tar", "-x", "-C", old], input=archive.stdout, check=True)
    postgres = await stack.enter_async_context(EmbeddedPostgres(folder / "data"))
    await execute(postgres, "CREATE DATABASE fechatter")
    await _migrate(postgres, old)
    exercise.report(f"the version before is {previous}")

    olds, news = _servers(exercise, postgres), _servers(exercise, postgres)
    front = await _front(exercise, olds, news)
    for server in olds:
        await server.start(old)
        stack.push_async_callback(server.stop)
    traffic, rng = Traffic(), random.Random(exercise.seed)
    people, chat = await _people(stack, front, traffic)
    heard = [await stack.enter_async_context(person.follow()) for person in people]
    working = [asyncio.create_task(traffic.work(person, chat, rng)) for person in people]
    await traffic.goes_on()

    begun = time.monotonic()
    await _migrate(postgres, ROOT)
    exercise.report(f"migrated in {time.monotonic() - begun:.1f} s, {traffic.answered} requests by then")
    await traffic.goes_on()  # the old servers alone, on the new schema
    unknown = await unknown_queries(postgres.dsn("fechatter"), old / "sql/queries")
    assert not unknown, f"queries of {previous} that the new schema does not know: {unknown}"
    for server in news:
        await server.start()
        stack.push_async_callback(server.stop)
    await traffic.goes_on()  # both
    for server in olds:
        await server.stop()
    await traffic.goes_on()  # the new ones alone
    for task in working:
        task.cancel()
    await asyncio.gather(*working, return_exceptions=True)
    return await _seen(postgres, chat, traffic, heard)


async def _seen(postgres: EmbeddedPostgres, chat: int, traffic: Traffic, heard: list[Listener]) -> str:
    assert not traffic.failed, traffic.failed
    sql = await asyncpg.connect(postgres.dsn("fechatter"))
    stored = [row["id"] for row in await sql.fetch("SELECT id FROM messages WHERE chat_id = $1 ORDER BY seq", chat)]
    head = await sql.fetchval("SELECT max(position) FROM events WHERE message_id = $1", stored[-1])
    await sql.close()
    assert len(stored) >= len(traffic.posted)
    assert traffic.posted <= set(stored), "acknowledged messages are lost"
    for listener in heard:
        await listener.until(lambda it: it.received[-1].position >= head)
        positions = [event.position for event in listener.events()]
        assert positions == sorted(set(positions)), "events came twice, or out of order"
        assert "reset" not in listener.kinds()
        assert [event.data["id"] for event in listener.events("NewMessage")] == stored, "events are lost"
    again = sum(traffic.repeated.values())
    return (
        f"{traffic.answered} requests, 0 failed, {again} repeated, the longest took {traffic.longest_seconds:.1f} s; "
        f"{len(stored)} messages, each once at {len(heard)} streams over {sum(listener.opens for listener in heard)} "
        "connections"
    )


async def unknown_queries(url: str, folder: Path) -> list[str]:
    """Those of the version before that PostgreSQL does not understand on the schema of this one."""
    connection = await asyncpg.connect(url)
    unknown = []
    for path in sorted(folder.rglob("*.sql")):
        for query in queries.parse(path.read_text(), path.name).values():
            try:
                await connection.prepare(query.sql)
            except asyncpg.PostgresError as error:
                unknown.append(f"{query.name}: {error}")
    await connection.close()
    return unknown


def _version_before() -> str:
    def git(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=ROOT, check=False, capture_output=True, text=True)
        return done.stdout.strip()

    tag = git("describe", "--tags", "--abbrev=0")
    return tag or git("log", "-1", "--format=%h^", "--diff-filter=A", "--", "migrations")


async def _migrate(postgres: EmbeddedPostgres, folder: Path) -> None:
    environment = {**os.environ, "FECHATTER_DATABASE__URL": postgres.dsn("fechatter")}
    for action in ("up", "roles"):
        command = [sys.executable, "-m", "fechatter", "migrate", action]
        process = await asyncio.create_subprocess_exec(
            *command, cwd=folder, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        output, _ = await process.communicate()
        assert process.returncode == 0, output.decode()


def _servers(exercise: Exercise, postgres: EmbeddedPostgres) -> tuple[ServerProcess, ServerProcess]:
    return (
        ServerProcess("chat-server", postgres.dsn("fechatter", "fechatter_chat"), exercise.keys, {}),
        ServerProcess("notify-server", postgres.dsn("fechatter", "fechatter_notify"), exercise.keys, {}),
    )


async def _front(exercise: Exercise, *versions: tuple[ServerProcess, ServerProcess]) -> str:
    folder, port = exercise.folder / "nginx", free_port()
    folder.mkdir(mode=0o755)
    chats, notifies = (
        " ".join(f"server 127.0.0.1:{server.port} max_fails=1 fail_timeout=1s;" for server in servers)
        for servers in zip(*versions, strict=True)
    )
    user = f"user nobody {grp.getgrgid(os.getegid()).gr_name};" if os.geteuid() == 0 else ""
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(user=user, folder=folder, port=port, chat=chats, notify=notifies))
    process = await asyncio.create_subprocess_exec("nginx", "-e", "stderr", "-c", config, "-p", folder)

    async def stop() -> None:
        process.terminate()
        await process.wait()

    exercise.stack.push_async_callback(stop)
    async with asyncio.timeout(30):
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return f"http://127.0.0.1:{port}"
            await asyncio.sleep(0.05)


async def _people(stack: AsyncExitStack, front: str, traffic: Traffic) -> tuple[list[Person], int]:
    """In one chat, behind the proxy; their clients try again as any client does."""
    people = []
    for number in range(PEOPLE):
        http = plain_http(event_hooks={"response": [traffic.noted]})
        person = await stack.enter_async_context(Person(front, front, http=http))
        person.email = f"person{number}@example.com"
        person.id = (await person.sign_up(f"Person {number}", person.email, PASSWORD)).id
        people.append(person)
    host, *guests = people
    workspace = (await anext(host.workspaces.list())).id
    for guest in guests:
        await host.workspaces.invite(workspace, user_id=guest.id)
        await guest.invitations.accept(workspace)
    made = await host.chats.create("Group", [guest.id for guest in guests], name="all", workspace_id=workspace)
    return people, made.id


DRILL = Drill(
    fault="an upgrade under traffic: the schema, then new servers beside those of the version before, which stop last",
    expected="0 failed requests, 0 events lost or doubled, no reset",
    run=run,
    needs=(program("nginx", "nginx-light"), program("git", "git")),
)
