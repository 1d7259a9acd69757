"""A chat_server that sends mail over a real SMTP server."""

import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from chat_server.mail import outbox
from tests.chat_server.people import ChatServer, chat_server_on, settings
from tests.support.identity.smtp_peer import SmtpPeer, smtp_peer
from tests.support.postgres import Database

PUBLIC_URL = "https://chat.example.com"

Mailing = Callable[..., AbstractAsyncContextManager[ChatServer]]


@pytest.fixture
async def smtp() -> AsyncIterator[SmtpPeer]:
    async with smtp_peer() as peer:
        yield peer


@pytest.fixture
def mailing_with(
    smtp: SmtpPeer, database: Database, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., AbstractAsyncContextManager[ChatServer]]:
    """A server in production mode; its settings of mail can be others. What waits is tried again at once."""
    monkeypatch.setattr(outbox, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(outbox, "RETRY_SECONDS", 0)

    @contextlib.asynccontextmanager
    async def start(**mail: Any) -> AsyncIterator[ChatServer]:
        given = {"host": "127.0.0.1", "port": smtp.port, "tls": "none", "sender": "fechatter@example.com", **mail}
        configured = settings(database.chat_url, keys, mail=given, server={"public_url": PUBLIC_URL}, mode="production")
        async with chat_server_on(configured) as server:
            yield server

    return start


@pytest.fixture
async def mailing(mailing_with: Mailing) -> AsyncIterator[ChatServer]:
    async with mailing_with() as server:
        yield server
