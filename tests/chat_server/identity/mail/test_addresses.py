"""Addresses are confirmed by links, and change when both have confirmed it."""

import pytest

from tests.chat_server.identity.mail.conftest import PUBLIC_URL, Mailing
from tests.chat_server.people import PASSWORD, ChatServer, Json, Person, ok, problem
from tests.support.identity.smtp_peer import Received, SmtpPeer
from tests.support.postgres import Database

NEW = "ada.lovelace@example.com"


async def confirm(server: ChatServer, mail: Received, password: str = PASSWORD) -> str:
    body = {"token": mail.token, "password": password}
    return str(ok(await server.anybody.post("/api/auth/address/confirm", json=body))["outcome"])


async def link(server: ChatServer, mail: Received) -> Json:
    shown: Json = ok(await server.anybody.post("/api/auth/address/link", json={"token": mail.token}))
    return shown


async def verified(server: ChatServer, smtp: SmtpPeer, name: str) -> Person:
    person = await server.sign_up(name)
    assert await confirm(server, await smtp.next()) == "verified"
    return person


async def both(person: Person, smtp: SmtpPeer) -> tuple[Received, Received]:
    """The mails to the old address and to the new one of a change that this person asks for."""
    body = {"email": NEW, "current_password": PASSWORD}
    assert ok(await person.api.patch("/api/users/me", json=body))["email"] == person.email
    mails = {mail.recipient: mail for mail in (await smtp.next(), await smtp.next())}
    return mails[person.email], mails[NEW]


async def test_a_new_account_confirms_its_address_with_its_password(
    mailing: ChatServer, smtp: SmtpPeer, database: Database
) -> None:
    ada = await mailing.sign_up("Ada")
    mail = await smtp.next()
    assert mail.link.startswith(f"{PUBLIC_URL}/address#")
    assert await link(mailing, mail) == {"kind": "verify_address", "email": ada.email, "new_email": ada.email}
    body = {"token": mail.token, "password": "a guess of mine"}  # the owner of the address, and not of the account
    problem(await mailing.anybody.post("/api/auth/address/confirm", json=body), 403, "wrong_password")
    assert await confirm(mailing, mail) == "verified"
    body = {"token": mail.token, "password": PASSWORD}
    problem(await mailing.anybody.post("/api/auth/address/confirm", json=body), 401, "invalid_address_token")
    ok(await ada.api.post("/api/auth/address/verification"), 202)  # which sends nothing more
    async with database.connect() as sql:
        assert await sql.fetchval("SELECT count(*) FROM mails") == 1


async def test_where_it_is_required_nobody_signs_in_with_an_unconfirmed_address(
    mailing_with: Mailing, smtp: SmtpPeer
) -> None:
    async with mailing_with(verification="required") as server:
        body = {"fullname": "Ada", "email": "ada@example.com", "password": PASSWORD}
        problem(await server.anybody.post("/api/auth/signup", json=body), 403, "address_unverified")
        await smtp.next()
        credentials = {"email": "ada@example.com", "password": PASSWORD}
        problem(await server.anybody.post("/api/auth/signin", json=credentials), 403, "address_unverified")
        assert await confirm(server, await smtp.next()) == "verified"
        ok(await server.anybody.post("/api/auth/signin", json=credentials))


@pytest.mark.parametrize("old_first", [True, False])
async def test_an_address_changes_when_both_have_confirmed_it(
    mailing: ChatServer, smtp: SmtpPeer, old_first: bool
) -> None:
    ada = await verified(mailing, smtp, "Ada")
    old, new = await both(ada, smtp)
    assert NEW in old.text
    assert await link(mailing, old) == {"kind": "old_address", "email": ada.email, "new_email": NEW}
    first, second = (old, new) if old_first else (new, old)
    assert await confirm(mailing, first) == "waiting"
    assert ok(await ada.api.get("/api/auth/me"))["email"] == ada.email
    assert await confirm(mailing, second) == "changed"
    assert ok(await ada.api.get("/api/auth/me"))["email"] == NEW
    ok(await mailing.anybody.post("/api/auth/signin", json={"email": NEW, "password": PASSWORD}))


async def test_the_old_address_refuses_a_change_and_signs_everybody_out(mailing: ChatServer, smtp: SmtpPeer) -> None:
    ada = await verified(mailing, smtp, "Ada")
    old, new = await both(ada, smtp)
    assert await confirm(mailing, new) == "waiting"
    ok(await mailing.anybody.post("/api/auth/address/refuse", json={"token": old.token}), 204)
    problem(await ada.api.get("/api/auth/me"), 401, "unauthorized")
    for mail in (old, new):
        body = {"token": mail.token, "password": PASSWORD}
        problem(await mailing.anybody.post("/api/auth/address/confirm", json=body), 401, "invalid_address_token")


async def test_a_new_password_by_mail_ends_a_change_that_somebody_else_began(
    mailing: ChatServer, smtp: SmtpPeer
) -> None:
    ada = await verified(mailing, smtp, "Ada")
    _, new = await both(ada, smtp)
    ok(await mailing.anybody.post("/api/auth/password/forgotten", json={"email": ada.email}), 202)
    body = {"token": (await smtp.next()).token, "password": "staple battery horse"}
    ok(await mailing.anybody.post("/api/auth/reset", json=body), 204)
    body = {"token": new.token, "password": "staple battery horse"}
    problem(await mailing.anybody.post("/api/auth/address/confirm", json=body), 401, "invalid_address_token")


async def test_an_address_nobody_has_confirmed_need_not_agree(mailing: ChatServer, smtp: SmtpPeer) -> None:
    """It may have been misspelt."""
    ada = await mailing.sign_up("Ada")
    await smtp.next()
    _, new = await both(ada, smtp)
    assert await confirm(mailing, new) == "changed"
    assert ok(await ada.api.get("/api/auth/me"))["email"] == NEW


async def test_an_address_of_somebody_else_is_refused(mailing: ChatServer, smtp: SmtpPeer) -> None:
    ada, bob = await mailing.sign_up("Ada"), await mailing.sign_up("Bob")
    body = {"email": bob.email, "current_password": PASSWORD}
    problem(await ada.api.patch("/api/users/me", json=body), 409, "users_email_key")
    body["email"] = ada.email.upper()  # the same address in other letters changes at once
    assert ok(await ada.api.patch("/api/users/me", json=body))["email"] == ada.email.upper()


async def test_a_new_device_is_told_by_mail(mailing: ChatServer, smtp: SmtpPeer) -> None:
    ada = await verified(mailing, smtp, "Ada")
    body = {"email": ada.email, "password": PASSWORD}
    signed_in = await mailing.anybody.post(
        "/api/auth/signin", json=body, headers={"User-Agent": "Ada's telephone", "Accept-Language": "zh"}
    )
    mail = await smtp.next()
    assert mail.recipient == ada.email
    assert "Ada's telephone" in mail.text
    assert "新设备" in str(mail.message["Subject"])
    body["device_token"] = ok(signed_in)["device_token"]
    ok(await mailing.anybody.post("/api/auth/signin", json=body))  # which is known by now
    assert smtp.mails.empty()


@pytest.mark.parametrize("email", ["<eve@example.com>ada@example.org", "a,b@example.org", "ada@exam\u200bple.org"])
async def test_what_a_mail_server_would_read_otherwise_is_no_address(chat_server: ChatServer, email: str) -> None:
    body = {"fullname": "Ada", "email": email, "password": PASSWORD}
    problem(await chat_server.anybody.post("/api/auth/signup", json=body), 422, "validation_failed")


async def test_an_account_fills_no_mailbox_by_asking_for_other_addresses(
    mailing: ChatServer, smtp: SmtpPeer, database: Database
) -> None:
    ada = await mailing.sign_up("Ada")
    await smtp.next()
    outcomes = []
    for number in range(8):
        body = {"email": f"ada{number}@elsewhere.example", "current_password": PASSWORD}
        outcomes.append((await ada.api.patch("/api/users/me", json=body)).status_code)
    assert outcomes[-1] == 429
    async with database.connect() as sql:
        sent = await sql.fetchval("SELECT count(*) FROM mails WHERE recipient = $1", ada.email)
    assert sent <= outcomes.count(200) + 1 <= 6


async def test_a_second_factor_is_of_whoever_has_confirmed_the_address(mailing: ChatServer, smtp: SmtpPeer) -> None:
    ada = await mailing.sign_up("Ada")
    mail = await smtp.next()
    for way in ("totp", "passkeys/options"):
        problem(await ada.api.post(f"/api/auth/factors/{way}"), 403, "address_unverified")
    assert await confirm(mailing, mail) == "verified"
    ok(await ada.api.post("/api/auth/factors/totp"))
