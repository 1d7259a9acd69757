"""A forgotten password: a link by mail, over a real SMTP server."""

import asyncio

import pytest

from tests.chat_server.identity.mail.conftest import PUBLIC_URL, Mailing
from tests.chat_server.people import PASSWORD, ChatServer, ok, problem
from tests.support.identity.smtp_peer import SmtpPeer
from tests.support.postgres import Database

NEW = "staple battery horse"


async def forget(server: ChatServer, email: str, language: str = "en") -> bytes:
    asked = await server.anybody.post(
        "/api/auth/password/forgotten", json={"email": email}, headers={"Accept-Language": language}
    )
    ok(asked, 202)
    return asked.content


async def verification(smtp: SmtpPeer) -> None:
    """The first mail after a sign-up."""
    assert (await smtp.next()).message["Subject"] == "Confirm your address for Fechatter"


async def test_a_link_by_mail_sets_a_new_password_once(
    mailing: ChatServer, smtp: SmtpPeer, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    ada = await mailing.sign_up("Ada")
    await verification(smtp)
    await forget(mailing, ada.email.upper())
    mail = await smtp.next()
    assert (mail.sender, mail.recipient) == ("fechatter@example.com", ada.email)
    assert mail.message["To"] == ada.email
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert mail.link.startswith(f"{PUBLIC_URL}/reset#")
    assert [part.get_content_type() for part in mail.message.iter_parts()] == ["text/plain", "text/html"]
    assert f'href="{mail.link}"' in mail.html

    mark = mail.token.partition(".")[2]
    async with database.connect() as sql:  # what is stored is no link
        rows = [row[0] for row in await sql.fetch("SELECT mails::text FROM mails")]
        assert len(rows) == 2
        assert not any(mark in row for row in rows)

    forged = {"token": f"{mail.token[:-1]}{'A' if mail.token[-1] != 'A' else 'B'}", "password": NEW}
    problem(await mailing.anybody.post("/api/auth/reset", json=forged), 401, "invalid_reset_token")
    body = {"token": mail.token, "password": NEW}
    guessed = await mailing.anybody.post("/api/auth/reset", json={**body, "password": ada.email})
    problem(guessed, 422, "validation_failed")
    answers = await asyncio.gather(*(mailing.anybody.post("/api/auth/reset", json=body) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [204, 401]
    problem(await ada.api.get("/api/auth/me"), 401, "unauthorized")
    problem(await mailing.sign_in(ada, PASSWORD), 401, "wrong_credentials")
    ok(await mailing.sign_in(ada, NEW))
    assert mark not in capsys.readouterr().out


async def test_nothing_says_whether_an_address_has_an_account(
    mailing: ChatServer, smtp: SmtpPeer, database: Database
) -> None:
    ada = await mailing.sign_up("Ada")
    await verification(smtp)
    async with database.connect() as sql:
        written = "SELECT last_value FROM mails_id_seq"
        before = await sql.fetchval(written)
        answers = [await forget(mailing, email) for email in ("nobody@example.com", ada.email)]
        assert answers[0] == answers[1]
        assert await sql.fetchval(written) == before + 2  # each is a row
        assert (await smtp.next()).recipient == ada.email
        # Only the sender has found out whose.
        assert await sql.fetchval("SELECT count(*) FROM mails WHERE recipient = 'nobody@example.com'") == 0
    assert smtp.mails.empty()


async def test_a_reset_ends_what_a_stranger_has_registered_with_the_address(
    mailing: ChatServer, smtp: SmtpPeer, database: Database
) -> None:
    """The attack: somebody makes an account with a victim's address, links a way in of their own, and waits."""
    mallory = await mailing.sign_up("Victim")
    await verification(smtp)
    async with database.connect() as sql:
        await sql.execute("SELECT add_identity($1, 'acme', 'https://id.example', '1', NULL, false)", mallory.id)
        await sql.execute("UPDATE users SET fullname = 'See evil.example' WHERE id = $1", mallory.id)
    await forget(mailing, mallory.email)
    mail = await smtp.next()
    assert "evil" not in mail.text + mail.html  # nor does a stranger's name reach the owner
    ok(await mailing.anybody.post("/api/auth/reset", json={"token": mail.token, "password": NEW}), 204)
    problem(await mallory.api.get("/api/auth/me"), 401, "unauthorized")
    async with database.connect() as sql:
        assert await sql.fetchval("SELECT count(*) FROM identities") == 0
        assert await sql.fetchval("SELECT email_verified_at IS NOT NULL FROM users WHERE id = $1", mallory.id)


async def test_links_are_few_for_an_address_and_for_a_client(mailing_with: Mailing, smtp: SmtpPeer) -> None:
    async with mailing_with(links_per_recipient=2, links_per_client=4) as server:
        ada = await server.sign_up("Ada")
        await verification(smtp)
        for _ in range(3):
            await forget(server, ada.email)  # the second one is one too many, and nothing says so
        await forget(server, "eve@example.com")
        asked = await server.anybody.post("/api/auth/password/forgotten", json={"email": "bob@example.com"})
        assert problem(asked, 429, "rate_limited")["limit"] == "forgotten"
        assert (await smtp.next()).recipient == ada.email
        assert smtp.mails.empty()


async def test_mails_are_in_the_language_of_the_browser(mailing: ChatServer, smtp: SmtpPeer) -> None:
    ada = await mailing.sign_up("Ada")
    await verification(smtp)
    for accepted, language in (("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("fr,en;q=0.5,zh;q=0.4", "en"), ("", "en")):
        await forget(mailing, ada.email, accepted)
        mail = await smtp.next()
        assert mail.message["Content-Language"] == language
        assert ("密码" in mail.text) == (language == "zh")


async def test_a_suspended_account_gets_no_link(mailing: ChatServer, smtp: SmtpPeer, database: Database) -> None:
    ada = await mailing.sign_up("Ada")
    await verification(smtp)
    await forget(mailing, ada.email)
    mail = await smtp.next()
    async with database.connect() as sql:
        await sql.execute("SELECT ops.suspend($1)", ada.email)
    answer = await mailing.anybody.post("/api/auth/reset", json={"token": mail.token, "password": NEW})
    problem(answer, 401, "invalid_reset_token")


@pytest.mark.chat_server(mode="production")
async def test_without_an_smtp_server_production_says_so(chat_server: ChatServer) -> None:
    asked = await chat_server.anybody.post("/api/auth/password/forgotten", json={"email": "ada@example.com"})
    problem(asked, 403, "mail_off")


async def test_without_an_smtp_server_development_prints_the_link(
    chat_server: ChatServer, capsys: pytest.CaptureFixture[str]
) -> None:
    ada = await chat_server.sign_up("Ada")
    await forget(chat_server, ada.email)
    said = ""
    async with asyncio.timeout(60):
        while "/reset#" not in said:
            await asyncio.sleep(0)
            said += capsys.readouterr().out
    token = said.partition("/reset#")[2].split("\\n")[0].split()[0]
    ok(await chat_server.anybody.post("/api/auth/reset", json={"token": token, "password": NEW}), 204)
