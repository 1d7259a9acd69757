"""A chat_server that mails unread messages over a real SMTP server at once, and takes mail over LMTP."""

import asyncio
import smtplib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chat_server.mail import notices, outbox
from tests.chat_server.people import ChatServer, Person, chat_server_on, settings
from tests.support.identity.smtp_peer import Received, SmtpPeer, smtp_peer
from tests.support.postgres import Database
from tests.support.servers import free_port

PUBLIC_URL = "https://chat.example.com"
INBOUND = "chat@in.example.com"


@dataclass(eq=False)
class Mailing:
    server: ChatServer
    smtp: SmtpPeer
    lmtp_port: int
    database: Database

    async def team(self, *names: str) -> list[Person]:
        """People whose addresses are confirmed."""
        people = await self.server.team(*names)
        for _ in people:
            await self.smtp.next()  # that they shall confirm it
        async with self.database.connect() as sql:
            await sql.execute("UPDATE users SET email_verified_at = now()")
        return people

    async def next(self) -> Received:
        return await self.smtp.next()

    async def until(self, question: str) -> None:
        """Rows of the queue change without telling anybody."""
        async with self.database.connect() as sql, asyncio.timeout(60):
            while True:
                if await sql.fetchval(f"SELECT {question}"):
                    return
                await asyncio.sleep(0.01)

    def deliver(self, mail: bytes, to: str, sender: str = "bob@example.com") -> tuple[int, str]:
        """As a mail server does; its answer. It blocks, so call it in a thread."""
        with smtplib.LMTP("127.0.0.1", self.lmtp_port, timeout=30) as client:
            client.ehlo_or_helo_if_needed()
            client.mail(sender)
            code, answer = client.rcpt(to)
            if code == 250:
                code, answer = client.data(mail)
            return code, answer.decode()


@pytest.fixture
async def smtp() -> AsyncIterator[SmtpPeer]:
    async with smtp_peer() as peer:
        yield peer


@pytest.fixture
def mailing_with(smtp: SmtpPeer, database: Database, keys: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setattr(notices, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(outbox, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(outbox, "RETRY_SECONDS", 0)
    monkeypatch.setattr(outbox, "MOST_ATTEMPTS", 10**6)

    @asynccontextmanager
    async def start(**mail: Any) -> AsyncIterator[Mailing]:
        async with database.connect() as sql:  # nobody is waited for
            await sql.execute(
                "CREATE OR REPLACE FUNCTION mail_delay() RETURNS interval LANGUAGE sql IMMUTABLE AS "
                "$$ SELECT interval '0' $$"
            )
        port = free_port()
        given = {
            "host": "127.0.0.1",
            "port": smtp.port,
            "tls": "none",
            "sender": "fechatter@example.com",
            "notifications": True,
            "inbound_address": INBOUND,
            "lmtp_port": port,
            **mail,
        }
        rest: dict[str, Any] = {
            "server": {"public_url": PUBLIC_URL},
            "features": {"enable_advanced_admin": True},
            "storage": {"file_bytes": 500_000},
        }
        configured = settings(database.chat_url, keys, mail=given, mode="production", **rest)
        async with chat_server_on(configured) as server:
            yield Mailing(server, smtp, port, database)

    return start


@pytest.fixture
async def mailing(mailing_with: Callable[..., Any]) -> AsyncIterator[Mailing]:
    async with mailing_with() as running:
        yield running
