"""A forgotten password: a link by mail, over a real SMTP server."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.chat_server.people import PASSWORD, ChatServer, chat_server_on, ok, problem, settings
from tests.support.postgres import Database
from tests.support.smtp_peer import SmtpPeer, smtp_peer

NEW = "staple battery horse"
PUBLIC_URL = "https://chat.example.com"


@pytest.fixture
async def smtp() -> AsyncIterator[SmtpPeer]:
    async with smtp_peer() as peer:
        yield peer


@pytest.fixture
async def mailing(smtp: SmtpPeer, database: Database, keys: Path) -> AsyncIterator[ChatServer]:
    mail = {"host": "127.0.0.1", "port": smtp.port, "tls": "none", "sender": "fechatter@example.com"}
    async with chat_server_on(
        settings(database.chat_url, keys, mail=mail, server={"public_url": PUBLIC_URL}, mode="production")
    ) as server:
        yield server


async def forget(server: ChatServer, email: str, language: str = "en") -> None:
    asked = await server.anybody.post(
        "/api/auth/password/forgotten", json={"email": email}, headers={"Accept-Language": language}
    )
    ok(asked, 202)


async def test_a_link_by_mail_sets_a_new_password_once(mailing: ChatServer, smtp: SmtpPeer, database: Database) -> None:
    ada = await mailing.sign_up("Ada")
    await forget(mailing, ada.email.upper())
    mail = await smtp.next()
    assert (mail.sender, mail.recipient) == ("fechatter@example.com", ada.email)
    assert mail.message["To"] == ada.email
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert mail.link.startswith(f"{PUBLIC_URL}/reset#")
    assert [part.get_content_type() for part in mail.message.iter_parts()] == ["text/plain", "text/html"]
    assert f'href="{mail.link}"' in mail.html

    async with database.connect() as sql:  # what is stored is no link
        rows = await sql.fetch("SELECT mails::text FROM mails")
        assert rows
        assert not any(mail.token.partition(".")[2] in row[0] for row in rows)

    body = {"token": mail.token, "password": NEW}
    answers = await asyncio.gather(*(mailing.anybody.post("/api/auth/reset", json=body) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [204, 401]
    problem(await ada.api.get("/api/auth/me"), 401, "unauthorized")
    problem(await mailing.sign_in(ada, PASSWORD), 401, "wrong_credentials")
    ok(await mailing.sign_in(ada, NEW))
