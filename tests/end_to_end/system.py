"""The whole of Fechatter for one test: a database, both servers as processes, and people who use them."""

import itertools
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest
from fechatter_client import Client

from tests.support.clients.listener import Listener, follow, listen
from tests.support.clients.plain_http import plain_http
from tests.support.servers import ServerProcess

from_ring_and_database = pytest.mark.parametrize("system", ["ring", "database"], indirect=True)

lively = pytest.mark.parametrize("system", ["lively"], indirect=True)
of_workers = pytest.mark.parametrize("system", ["workers"], indirect=True)

Json = dict[str, Any]
PASSWORD = "correct horse battery"


class Person(Client):
    """Somebody who has signed up. `workspace` is their own; `token` is the access token that they began with."""

    id: int
    email: str
    token: str
    workspace: int

    def listen(self, cursor: str | None = None) -> AbstractAsyncContextManager[Listener]:
        """To one connection: `async with person.listen() as heard`."""
        return listen(self.stream(cursor))

    def follow(self, cursor: str | None = None) -> AbstractAsyncContextManager[Listener]:
        """To one connection after the other: `async with person.follow() as heard`."""
        return follow(self.stream, cursor)


@dataclass(eq=False)
class System:
    """`owner_url` is the database's owner: what psql is run as."""

    owner_url: str
    chat: ServerProcess
    notify: ServerProcess
    _people: AsyncExitStack = field(default_factory=AsyncExitStack)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def nobody(self) -> Person:
        """A client with which nobody has signed in yet. What fails is not tried again: a test has to see it."""
        person = Person(self.chat.url, self.notify.url, retries=0, timeout_seconds=30, http=plain_http())
        return await self._people.enter_async_context(person)

    async def sign_up(self, name: str) -> Person:
        person = await self.nobody()
        person.email = f"{name.lower()}.{next(self._numbers)}@example.com"
        person.id = (await person.sign_up(name, person.email, PASSWORD)).id
        person.token = await person.access_token()
        person.workspace = (await anext(person.workspaces.list())).id
        return person

    async def sign_in(self, person: Person) -> Person:
        """Another session of somebody, as on another device."""
        again = await self.nobody()
        again.email, again.workspace = person.email, person.workspace
        again.id = (await again.sign_in(person.email, PASSWORD)).id
        again.token = await again.access_token()
        return again

    async def program(self, token: str) -> Person:
        """What a bot's or an app's token is used by."""
        program = Person(self.chat.url, self.notify.url, token=token, retries=0, timeout_seconds=30, http=plain_http())
        return await self._people.enter_async_context(program)

    async def forget_people(self) -> None:
        """Closes the connections of all who have signed up."""
        await self._people.aclose()

    async def team(self, *names: str) -> list[Person]:
        """People of whom the first has invited the others into their workspace."""
        people = [await self.sign_up(name) for name in names]
        for member in people[1:]:
            await self.invite(people[0], member)
        return people

    async def invite(self, host: Person, guest: Person, workspace: int | None = None) -> None:
        """Into the host's workspace unless another is given; the guest accepts."""
        workspace = workspace or host.workspace
        await host.workspaces.invite(workspace, user_id=guest.id)
        await guest.invitations.accept(workspace)

    async def group(self, *people: Person, name: str = "lunch", workspace: int | None = None) -> int:
        """A Group, in the first person's workspace unless another is given; returns its id."""
        members = [person.id for person in people[1:]]
        workspace = workspace or people[0].workspace
        return (await people[0].chats.create("Group", members, name=name, workspace_id=workspace)).id

    @asynccontextmanager
    async def sql(self) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """A connection as the owner, as psql has it."""
        connection = await asyncpg.connect(self.owner_url)
        try:
            yield connection
        finally:
            await connection.close()


def contents(heard: Listener) -> list[str]:
    return [event.data["content"] for event in heard.events("NewMessage")]
