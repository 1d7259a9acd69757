"""`hooks`: a chat_server and a delivery_server inside the test's own process, on a database of their own, a bot in a
chat of Ada's and Grace's, and a receiver of webhooks."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from chat_core.settings import Settings
from delivery_server.app import Delivery
from tests.chat_server.people import ChatServer, Json, Person, chat_server_on, ok, settings
from tests.support.postgres import Database
from tests.support.services.receiver import Receiver, receiver

FEATURES = {"enable_bot_messages": True}


@dataclass
class Hooks:
    database: Database
    chat_server: ChatServer
    receiver: Receiver
    ada: Person
    grace: Person
    bot: int
    chat: int
    # Of delivery_servers, but for where they are allowed to send.
    settings: dict[str, Any] = field(default_factory=lambda: {"lease_seconds": 1, "retry_seconds": [0.01] * 3})

    @property
    def path(self) -> str:
        return f"/api/bots/{self.bot}/subscriptions"

    async def subscribe(self, **wish: object) -> Json:
        body = {"name": "ci", "url": self.receiver.url, **wish}
        made: Json = ok(await self.ada.api.post(self.path, json=body), 201)
        return made

    async def show(self, subscription: Json) -> Json:
        shown: Json = ok(await self.ada.api.get(f"{self.path}/{subscription['id']}"))
        return shown

    async def change(self, subscription: Json, **fields: object) -> Json:
        changed: Json = ok(await self.ada.api.patch(f"{self.path}/{subscription['id']}", json=fields))
        return changed

    @asynccontextmanager
    async def delivering(self) -> AsyncIterator[Delivery]:
        """Another delivery_server, under its least-privilege role."""
        delivery = Delivery(
            Settings.model_validate(
                {
                    "database": {"url": self.database.delivery_url},
                    "integrations": {"allow_hosts": [self.receiver.authority]},
                    "delivery": self.settings,
                }
            )
        )
        async with delivery.running():
            try:
                yield delivery
            finally:
                await delivery.drain()


@pytest.fixture
async def hooks(database: Database, keys: Path) -> AsyncIterator[Hooks]:
    async with AsyncExitStack() as stack:
        listening = await stack.enter_async_context(receiver())
        configured = settings(
            database.chat_url, keys, features=FEATURES, integrations={"allow_hosts": [listening.authority]}
        )
        server = await stack.enter_async_context(chat_server_on(configured))
        async with database.connect() as sql:  # a copied database has another history, as its first reader says
            await sql.execute("SELECT log_check_epoch()")
        ada, grace = await server.team("Ada", "Grace")
        bot = {"username": "builds", "fullname": "Build Reports"}
        made = ok(await ada.api.post(f"/api/workspaces/{ada.workspace}/bots", json=bot), 201)["id"]
        chat = await ada.chat(grace)
        ok(await ada.api.post(f"/api/chats/{chat}/members", json={"user_id": made}), 201)
        yield Hooks(database, server, listening, ada, grace, made, chat)
