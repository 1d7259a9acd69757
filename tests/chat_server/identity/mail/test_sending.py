"""Mails leave at least once, whatever the SMTP server does."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chat_server.mail import outbox, transport
from tests.chat_server.identity.mail.conftest import Mailing
from tests.chat_server.identity.mail.test_forgotten import forget
from tests.chat_server.people import ChatServer, ok
from tests.support.identity.smtp_peer import SmtpPeer
from tests.support.postgres import Database


async def state(database: Database, wanted: str) -> str:
    """Waits until the newest mail is in this state; returns its error."""
    async with database.connect() as sql, asyncio.timeout(60):
        while True:
            row = await sql.fetchrow("SELECT state, coalesce(error, '') AS error, attempts FROM ops.mail LIMIT 1")
            if row and row["state"] == wanted and (row["error"] or wanted == "sent"):
                return str(row["error"])
            await asyncio.sleep(0.01)  # a row changes without telling anybody


async def lease_over(database: Database) -> None:
    """A server that ended while it sent had the mail for itself for some minutes."""
    async with database.connect() as sql:
        await sql.execute("UPDATE mails SET due_at = now()")


@pytest.mark.parametrize(
    "answers",
    [
        {"CONNECT": ["421 busy"]},
        {"RCPT": ["451 later"]},
        {"DATA.": ["452 full"]},
        {"MAIL": ["cut"]},
        {"MAIL": ["550 not from you"]},
        {"DATA.": ["hang"]},
    ],
    ids=str,
)
async def test_a_mail_that_is_not_taken_now_is_sent_again(
    mailing: ChatServer, smtp: SmtpPeer, answers: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "ANSWER_SECONDS", 0.2)
    smtp.answers = answers
    ada = await mailing.sign_up("Ada")
    assert (await smtp.next()).recipient == ada.email
    assert smtp.connections == 2 or "RCPT" in answers or "DATA." in answers


async def test_a_mail_whose_answer_was_lost_comes_again_under_the_same_id(mailing: ChatServer, smtp: SmtpPeer) -> None:
    smtp.answers = {"DATA.": ["lose"]}
    await mailing.sign_up("Ada")
    first, second = await smtp.next(), await smtp.next()
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert first.token == second.token


async def test_a_mail_that_is_refused_for_good_is_given_up_and_others_are_not(
    mailing: ChatServer, smtp: SmtpPeer, database: Database
) -> None:
    smtp.answers = {"RCPT": ["550 no such user"]}
    await mailing.sign_up("Ada")
    assert await state(database, "failed") == "550 no such user"
    bob = await mailing.sign_up("Bob")
    assert (await smtp.next()).recipient == bob.email


async def test_a_mail_that_cannot_be_composed_holds_up_no_other(
    mailing_with: Mailing, smtp: SmtpPeer, database: Database
) -> None:
    """Written in psql, without what its text names."""
    async with mailing_with(port=1) as away:
        await away.sign_up("Ada")
    await lease_over(database)
    async with database.connect() as sql:
        await sql.execute(
            "INSERT INTO mails (kind, user_id, recipient, language, expires_at, due_at) "
            "SELECT 'new_device', id, email, 'en', now() + interval '1 day', now() - interval '1 day' FROM users"
        )
    async with mailing_with():
        assert (await smtp.next()).recipient == "ada@example.com"
        assert await state(database, "failed") == "not composed: KeyError: 'time'"


async def test_attempts_are_bounded(
    mailing: ChatServer, smtp: SmtpPeer, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "MOST_ATTEMPTS", 3)
    smtp.answers = {"RCPT": ["451 later"] * 10}
    await mailing.sign_up("Ada")
    assert await state(database, "failed") == "451 later"
    assert len(smtp.answers["RCPT"]) == 7


async def test_a_mail_outlives_the_server_that_should_have_sent_it(
    mailing_with: Mailing, smtp: SmtpPeer, database: Database
) -> None:
    """The SMTP server is down, chat_server ends, and others take their places."""
    port = smtp.port
    async with mailing_with(port=1) as first:
        await first.sign_up("Ada")
        assert "1" in await state(database, "waiting")
    await lease_over(database)
    async with mailing_with(port=port):
        assert (await smtp.next()).recipient == "ada@example.com"


async def test_a_mail_leaves_encrypted_and_signed_in(
    mailing_with: Mailing, smtp: SmtpPeer, tmp_path: Path, database: Database
) -> None:
    certificate = _certificate(tmp_path)
    smtp.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    smtp.tls.load_cert_chain(certificate)
    smtp.credentials = ("fechatter", "a secret")
    secret = tmp_path / "secret"
    secret.write_text("a secret\n")
    given = {"host": "localhost", "tls": "starttls", "user": "fechatter", "password_file": secret}
    async with mailing_with(**given) as server:  # an authority that nobody knows
        await server.sign_up("Ada")
        assert "certificate" in (await state(database, "waiting")).lower()
    await lease_over(database)
    async with mailing_with(**given, ca_file=certificate):
        mail = await smtp.next()
        assert (mail.encrypted, mail.user) == (True, "fechatter")
    secret.write_text("another one")
    async with mailing_with(**given, ca_file=certificate) as server:
        await server.sign_up("Bob")
        assert (await state(database, "waiting")).startswith("535")
    await lease_over(database)
    async with database.connect() as sql:
        await sql.execute("UPDATE mails SET error = NULL, attempts = 0 WHERE sent_at IS NULL")
    smtp.tls = None  # somebody on the way has taken STARTTLS out of the answer
    async with mailing_with(**given, ca_file=certificate):
        assert "starttls" in (await state(database, "waiting")).lower()
    assert smtp.mails.empty()


@pytest.mark.parametrize(
    ("email", "recipient", "options"),
    [
        ("用户@例子.example", "用户@xn--fsqu00a.example", ("SMTPUTF8", "BODY=8BITMIME")),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example", ("BODY=8BITMIME",)),
    ],
)
async def test_international_addresses_get_mail(
    mailing: ChatServer, smtp: SmtpPeer, email: str, recipient: str, options: tuple[str, ...]
) -> None:
    body = {"fullname": "Ada", "email": email, "password": "correct horse battery"}
    ok(await mailing.anybody.post("/api/auth/signup", json=body), 201)
    mail = await smtp.next()
    assert (mail.recipient, mail.options) == (recipient, options)
    assert mail.message["To"] == recipient
    for same in (email, recipient, email.lower()):
        ok(await mailing.anybody.post("/api/auth/signin", json={"email": same, "password": body["password"]}))


async def test_a_server_that_knows_no_international_addresses_is_not_asked_again(
    mailing: ChatServer, smtp: SmtpPeer, database: Database
) -> None:
    smtp.extensions = ()
    body = {"fullname": "Ada", "email": "用户@example.com", "password": "correct horse battery"}
    ok(await mailing.anybody.post("/api/auth/signup", json=body), 201)
    assert "SMTPUTF8" in await state(database, "failed")
    await forget(mailing, body["email"])
    assert "SMTPUTF8" in await state(database, "failed")


async def test_several_servers_send_a_mail_once(mailing_with: Mailing, smtp: SmtpPeer) -> None:
    async with mailing_with() as first, mailing_with() as second:
        for number, server in enumerate((first, second) * 3):
            body = {"fullname": "Ada", "email": f"ada{number}@example.com", "password": "correct horse battery"}
            ok(await server.anybody.post("/api/auth/signup", json=body), 201)
            await smtp.next()
    assert smtp.mails.empty()


def _certificate(folder: Path) -> Path:
    """A self-signed one of `localhost`, with its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "peer.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file
