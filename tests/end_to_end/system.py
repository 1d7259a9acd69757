"""The whole of Fechatter for one test: a database, both servers as processes, and people who use them."""

import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx
import pytest

from tests.support.servers import ServerProcess
from tests.support.sse import Stream, follow, open_stream

from_ring_and_database = pytest.mark.parametrize("system", ["ring", "database"], indirect=True)

lively = pytest.mark.parametrize("system", ["lively"], indirect=True)

Json = dict[str, Any]
PASSWORD = "correct horse battery"


@dataclass(eq=False)
class Person:
    """Somebody who has signed up. `api` sends their token with every request."""

    id: int
    email: str
    token: str
    refresh_token: str
    workspace: int
    api: httpx.AsyncClient
    notify_url: str

    async def call(self, method: str, path: str, body: Json | None = None, **headers: str) -> Any:
        """The JSON of an answer that has to be a good one; None for an empty one."""
        answer = await self.api.request(method, f"/api{path}", json=body, headers=headers)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def send(self, chat: int, content: str) -> Json:
        message: Json = await self.call("POST", f"/chats/{chat}/messages", {"content": content})
        return message

    def stream(self, cursor: str | None = None) -> Any:
        """One connection: `async with person.stream() as stream`."""
        return open_stream(self.notify_url, self.token, cursor=cursor)

    def follow(self, cursor: str | None = None) -> Any:
        """A client that comes back: `async with person.follow() as stream`."""
        return follow(self.notify_url, self.token, cursor=cursor)


@dataclass(eq=False)
class System:
    """`owner_url` is the database's owner: what psql is run as."""

    owner_url: str
    chat: ServerProcess
    notify: ServerProcess
    _people: AsyncExitStack = field(default_factory=AsyncExitStack)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def sign_up(self, name: str) -> Person:
        async with httpx.AsyncClient(base_url=self.chat.url, trust_env=False, timeout=30) as client:
            email = f"{name.lower()}.{next(self._numbers)}@example.com"
            answer = await client.post(
                "/api/auth/signup", json={"fullname": name, "email": email, "password": PASSWORD}
            )
            assert answer.status_code == 201, answer.text
        content = answer.json()
        api = await self._people.enter_async_context(
            httpx.AsyncClient(
                base_url=self.chat.url,
                headers={"Authorization": f"Bearer {content['token']}"},
                trust_env=False,
                timeout=30,
            )
        )
        workspaces = (await api.get("/api/workspaces")).json()
        return Person(
            content["user"]["id"],
            email,
            content["token"],
            content["refresh_token"],
            workspaces[0]["id"],
            api,
            self.notify.url,
        )

    async def forget_people(self) -> None:
        """Closes the connections of all who have signed up."""
        await self._people.aclose()

    async def team(self, *names: str) -> list[Person]:
        """People of whom the first has invited the others into their workspace."""
        people = [await self.sign_up(name) for name in names]
        for member in people[1:]:
            await people[0].call("POST", f"/workspaces/{people[0].workspace}/members", {"user_id": member.id})
        return people

    async def group(self, *people: Person, name: str = "lunch", workspace: int | None = None) -> int:
        """A Group, in the first person's workspace unless another is given; returns its id."""
        body = {
            "name": name,
            "type": "Group",
            "workspace_id": workspace or people[0].workspace,
            "members": [person.id for person in people[1:]],
        }
        return int((await people[0].call("POST", "/chats", body))["id"])

    @asynccontextmanager
    async def sql(self) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """A connection as the owner, as psql has it."""
        connection = await asyncpg.connect(self.owner_url)
        try:
            yield connection
        finally:
            await connection.close()


def contents(stream: Stream) -> list[str]:
    return [event.data["content"] for event in stream.events("NewMessage")]
