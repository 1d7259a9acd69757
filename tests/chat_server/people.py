"""A chat_server that listens on a real port, inside the test's own process, and the people who use it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Hashable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import uuid4

import asyncpg
import httpx
from argon2 import PasswordHasher
from litestar import Litestar

from chat_core.database import pool
from chat_core.database.pool import Connection
from chat_core.http.serving import listening_socket
from chat_core.settings import Server, Settings
from chat_server import app
from chat_server.http.openapi import FILE
from chat_server.parts.changes import Changes
from chat_server.server import prepared
from tests.support.clients.plain_http import plain_http
from tests.support.forks import light_hasher
from tests.support.openapi import Contract

PASSWORD = "correct horse battery"

# What a server does when it starts, and every so often: 60 statements over four connections, a quarter of the CPU of a
# test that has a server to itself.
HOUSEKEEPING = ("maintain", "keep_statistics", "keep_erasing", "clean_files")
_runs_background: ContextVar[bool] = ContextVar("runs_background", default=True)

Json = dict[str, Any]


@dataclass(eq=False)
class ChatServer:
    """`anybody` sends no token. Every answer to it and to those who sign up is held against /docs/openapi.json."""

    url: str
    anybody: httpx.AsyncClient
    contract: Contract
    stack: AsyncExitStack
    stop: Callable[[], None]  # as SIGTERM does
    domain: str = "example.com"  # of people's addresses
    _people: int = field(default=0)

    async def sign_up(self, name: str = "", password: str = PASSWORD) -> "Person":
        self._people += 1
        name = name or f"Person {self._people}"
        email = f"{name.lower().replace(' ', '.')}@{self.domain}"
        body = {"fullname": name, "email": email, "password": password}
        signed_in = ok(await self.anybody.post("/api/auth/signup", json=body), 201)
        person = Person(
            signed_in["user"]["id"],
            email,
            signed_in["token"],
            signed_in["refresh_token"],
            await self.client(signed_in["token"]),
        )
        person.workspace = ok(await person.api.get("/api/workspaces"))[0]["id"]
        return person

    async def sign_in(self, person: "Person", password: str = PASSWORD) -> httpx.Response:
        return await self.anybody.post("/api/auth/signin", json={"email": person.email, "password": password})

    async def client(self, token: str | None) -> httpx.AsyncClient:
        return await self.stack.enter_async_context(
            plain_http(
                base_url=self.url,
                headers={"Authorization": f"Bearer {token}"} if token else {},
                timeout=30,
                event_hooks={"response": [self.contract.check]},
            )
        )

    async def team(self, *names: str) -> list["Person"]:
        """People of whom the first has let the others into their workspace, as members."""
        people = [await self.sign_up(name) for name in names]
        for member in people[1:]:
            await people[0].invite(member)
        return people


@dataclass(eq=False)
class Person:
    """Somebody who has signed up. `workspace` is the personal one, `api` sends their token,
    `channels` counts their public channels."""

    id: int
    email: str
    token: str
    refresh_token: str
    api: httpx.AsyncClient
    workspace: int = 0
    channels: int = 0

    async def invite(self, other: "Person", role: str = "member", workspace: int | None = None) -> None:
        """Into this person's workspace unless another is given; the other one accepts."""
        workspace = workspace or self.workspace
        body = {"user_id": other.id, "role": role}
        ok(await self.api.post(f"/api/workspaces/{workspace}/invitations", json=body), 201)
        ok(await other.api.post(f"/api/invitations/{workspace}/accept"))

    async def chat(self, *others: "Person", type: str = "Group", name: str | None = None) -> int:  # noqa: A002
        """A chat in this person's workspace; its id."""
        members = [other.id for other in others]
        if name is None:  # of public channels each has its own
            self.channels += type == "PublicChannel"
            name = f"lunch {self.channels}" if type == "PublicChannel" else "lunch"
        body = {"type": type, "name": name, "members": members, "workspace_id": self.workspace}
        return int(ok(await self.api.post("/api/chats", json=body), 201)["id"])

    async def board(self, *editors: "Person", name: str = "plans") -> int:
        """A board in this person's workspace; its id."""
        path = f"/api/workspaces/{self.workspace}/boards"
        board = int(ok(await self.api.post(path, json={"name": name}), 201)["id"])
        for editor in editors:
            body = {"user_id": editor.id, "role": "editor"}
            ok(await self.api.post(f"/api/boards/{board}/members", json=body), 201)
        return board

    async def page(self, *editors: "Person", name: str = "plans", **more: Any) -> int:
        """A page in this person's workspace; its id."""
        path = f"/api/workspaces/{self.workspace}/pages"
        page = int(ok(await self.api.post(path, json={"name": name, **more}), 201)["id"])
        for editor in editors:
            body = {"user_id": editor.id, "role": "editor"}
            ok(await self.api.post(f"/api/pages/{page}/members", json=body), 201)
        return page

    async def say(self, chat: int, content: str) -> Json:
        posted: Json = ok(await self.api.post(f"/api/chats/{chat}/messages", json={"content": content}), 201)
        return posted


def ok(response: httpx.Response, status: int = 200) -> Any:
    """The JSON of an answer with this status; None for an empty one."""
    assert response.status_code == status, f"{response.request.method} {response.url}: {response.text}"
    return response.json() if response.content else None


def problem(response: httpx.Response, status: int, code: str) -> Json:
    """The body of an error with this status and code."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: Json = response.json()
    assert (body["status"], body["code"]) == (status, code)
    return body


async def blocked(sql: "asyncpg.Connection[asyncpg.Record]", number: int = 1) -> None:
    """Until so many statements of the server wait for a lock in this connection's database."""
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND usename = 'fechatter_chat' AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(60):
        while await sql.fetchval(waiting) < number:
            await sql.execute("SELECT pg_stat_clear_snapshot()")  # a transaction sees it as it was first


def settings(database_url: str, keys: Path, **sections: Any) -> Settings:
    """`settings(url, keys, server={"max_body_bytes": 2048})`."""
    sections.setdefault("database", {})["url"] = database_url
    sections.setdefault("auth", {})["private_key"] = keys / "private.pem"
    sections.setdefault("storage", {}).setdefault("directory", keys / "files" / uuid4().hex)
    sections.setdefault("media", {}).setdefault("previews", False)
    sections.setdefault("links", {}).setdefault("previews", False)
    return Settings.model_validate(sections)


@asynccontextmanager
async def chat_server_on(
    settings: Settings, hasher: PasswordHasher | None = None, *, background: bool = False
) -> AsyncIterator[ChatServer]:
    """Its background work runs only with `background`: most tests are not about it, or run it when they need it."""
    async with AsyncExitStack() as stack:
        bound = stack.enter_context(listening_socket("127.0.0.1", 0))
        bound.listen()  # clients may connect from here on, and are answered once it runs
        stack.enter_context(one_connection_each())
        with mock.patch.object(app, "build_litestar", stack.enter_context(lent_routes())):
            server = await stack.enter_async_context(prepared(settings, hasher or light_hasher()))
        token = _runs_background.set(background)
        running = asyncio.create_task(server.serve([bound]))  # which has this context
        _runs_background.reset(token)

        def stop() -> None:
            server.should_exit = True

        try:
            async with AsyncExitStack() as clients:
                url = _url(bound)
                anybody = await clients.enter_async_context(plain_http(base_url=url, timeout=30))
                contract = _contract()
                anybody.event_hooks = {"response": [contract.check]}
                yield ChatServer(url, anybody, contract, clients, stop)
        finally:
            stop()
            await running


def _if_kept(work: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., Coroutine[Any, Any, None]]:
    async def run(*args: Any) -> None:
        if _runs_background.get():
            await work(*args)

    return run


for _name in HOUSEKEEPING:
    setattr(app, _name, _if_kept(getattr(app, _name)))


@contextmanager
def one_connection_each() -> Iterator[None]:
    """Whoever asks for a second connection while changing something fails: where all do, all wait for each other."""
    changing: set[asyncio.Task[Any] | None] = set()
    connection, acquire = Changes.connection, pool._BoundedPool.acquire

    @asynccontextmanager
    async def noted(changes: Changes, place: Hashable) -> AsyncIterator[Connection]:
        task = asyncio.current_task()
        assert task not in changing, "a change within a change"
        async with connection(changes, place) as acquired:
            changing.add(task)
            try:
                yield acquired
            finally:
                changing.discard(task)

    def refused(bounded: Any, *, timeout: float | None = None) -> Any:
        assert asyncio.current_task() not in changing, "a change takes a second connection: pass it the first"
        return acquire(bounded, timeout=timeout)

    with mock.patch.object(Changes, "connection", noted), mock.patch.object(pool._BoundedPool, "acquire", refused):
        yield


_idle_routes: dict[tuple[int, tuple[str, ...]], list[Litestar]] = {}


@contextmanager
def lent_routes() -> Iterator[Callable[[Server], Litestar]]:
    """A `build_litestar` that builds nothing anew which a server that has stopped has left: building takes a quarter
    of a second. What a server knows is in its `Parts`, and those are always new."""
    build = app.build_litestar
    lent: list[tuple[list[Litestar], Litestar]] = []

    def lend(server: Server) -> Litestar:
        idle = _idle_routes.setdefault((server.max_body_bytes, tuple(server.cors_origins)), [])
        routes = idle.pop() if idle else build(server)
        lent.append((idle, routes))
        return routes

    yield lend
    for idle, routes in lent:
        idle.append(routes)


@cache
def _contract() -> Contract:
    """What is served as /docs/openapi.json. Its validators are made once for all tests."""
    return Contract(json.loads(FILE.read_bytes()))


def _url(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"http://{host}:{port}"


async def until_signed_out(api: httpx.AsyncClient) -> None:
    """Others' sessions end in the server's memory once Postgres has notified it."""
    async with asyncio.timeout(60):
        while (await api.get("/api/auth/me")).status_code != 401:
            pass
