"""`people`: accounts on real servers, each a `fechatter_client.Client` that has signed up."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from fechatter_client import Chat, Client, User

from tests.end_to_end.conftest import (
    _bundles as _bundles,
)
from tests.end_to_end.conftest import (
    _own_system as _own_system,
)
from tests.end_to_end.conftest import (
    _shared_system as _shared_system,
)
from tests.end_to_end.conftest import (
    _system_without_ring as _system_without_ring,
)
from tests.end_to_end.conftest import (
    system as system,
)
from tests.end_to_end.system import PASSWORD, System
from tests.support.clients.plain_http import plain_http


@dataclass(eq=False)
class People:
    system: System
    stack: AsyncExitStack
    users: dict[Client, User] = field(default_factory=dict)

    async def client(self, notify_url: str = "", **options: Any) -> Client:
        """Nobody has signed in yet."""
        options.setdefault("http", plain_http())
        made = Client(self.system.chat.url, notify_url or self.system.notify.url, **options)
        return await self.stack.enter_async_context(made)

    async def sign_up(self, name: str, **options: Any) -> Client:
        client = await self.client(**options)
        email = f"{name.lower()}.{uuid4().hex}@people.example"  # the system is shared with other tests
        self.users[client] = await client.sign_up(name, email, PASSWORD)
        return client

    async def invite(self, host: Client, guest: Client) -> None:
        workspaces = [workspace async for workspace in host.workspaces.list()]
        await host.workspaces.invite(workspaces[0].id, user_id=self.users[guest].id)
        await guest.invitations.accept(workspaces[0].id)

    async def chat(self, host: Client, *guests: Client) -> Chat:
        for guest in guests:
            await self.invite(host, guest)
        return await host.chats.create("Group", [self.users[guest].id for guest in guests], name="lunch")


@pytest.fixture
async def people(system: System) -> AsyncIterator[People]:
    async with AsyncExitStack() as stack:
        yield People(system, stack)
