"""`pushed`: a chat_server and delivery_servers in the test's own process, a push service, and Ada and Grace."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from chat_core.settings import Settings
from delivery_server.app import Delivery
from tests.chat_server.people import ChatServer, Person, chat_server_on, ok, settings
from tests.support.postgres import Database
from tests.support.services.push_service import Device, PushService, push_service

PATH = "/api/push"


@dataclass
class Pushed:
    database: Database
    chat_server: ChatServer
    service: PushService
    ada: Person
    grace: Person
    chat: int

    async def subscribe(self, person: Person, name: str, **more: str) -> Device:
        """A device of the person's session."""
        self.service.public_key = ok(await person.api.get(PATH))["public_key"]
        device = self.service.device(name)
        ok(await person.api.put(f"{PATH}/subscription", json={**device.subscription, **more}))
        return device

    async def direct(self, person: Person, other: Person) -> int:
        return await person.chat(other, type="Single")

    @asynccontextmanager
    async def delivering(self, grace_seconds: float = 0) -> AsyncIterator[Delivery]:
        delivery = Delivery(
            Settings.model_validate(
                {
                    "database": {"url": self.database.delivery_url},
                    "server": {"public_url": "https://chat.example.com"},
                    "push": {**self.section, "grace_seconds": grace_seconds},
                }
            )
        )
        async with delivery.running():
            try:
                yield delivery
            finally:
                await delivery.drain()

    @property
    def section(self) -> dict[str, object]:
        return section(self.service)


def section(service: PushService) -> dict[str, object]:
    return {"contact": "mailto:ops@example.com", "allow_hosts": [service.authority]}


@pytest.fixture
async def pushed(database: Database, keys: Path) -> AsyncIterator[Pushed]:
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(push_service())
        configured = settings(database.chat_url, keys, push=section(service))
        server = await stack.enter_async_context(chat_server_on(configured))
        async with database.connect() as sql:  # a copied database has another history, as its first reader says
            await sql.execute("SELECT log_check_epoch()")
        ada, grace = await server.team("Ada", "Grace")
        yield Pushed(database, server, service, ada, grace, await ada.chat(grace))
