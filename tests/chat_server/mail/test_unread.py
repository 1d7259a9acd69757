"""Unread messages as mails: what leaves, and how it is stopped."""

import re
from collections.abc import Callable
from typing import Any

from chat_server.mail.inbound.quotes import MARKERS
from tests.chat_server.mail.conftest import PUBLIC_URL, Mailing
from tests.chat_server.people import ok
from tests.support.identity.smtp_peer import Received

SETTINGS = "/api/users/me/notifications"


def stop_path(mail: Received) -> str:
    url = str(mail.message["List-Unsubscribe"]).strip("<>")
    assert url.startswith(PUBLIC_URL)
    return url.removeprefix(PUBLIC_URL)


async def test_a_mention_and_a_direct_message_are_mailed(mailing: Mailing) -> None:
    ada, bob = await mailing.team("Ada", "Bob")
    chat = await ada.chat(bob, name="lunch, Bcc: eve")
    said = await ada.say(chat, "@bob <b>Pizza?</b>\nBcc: eve@example.com\n.\n早")
    mail = await mailing.next()
    message = mail.message
    assert mail.recipient == bob.email
    assert (message["To"], message["Bcc"]) == (bob.email, None)
    assert str(message["From"]) == "Fechatter <fechatter@example.com>"
    assert message["Subject"] == "#lunch, Bcc: eve at Fechatter"
    assert re.fullmatch(r"chat\+b-[a-z0-9-]+@in\.example\.com", mail.sender)
    assert str(message["Reply-To"]).startswith("chat+r-")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert str(message["List-Id"]).startswith(f"<chat-{chat}.")
    assert mail.text.startswith(MARKERS["en"])
    assert "@bob <b>Pizza?</b>\nBcc: eve@example.com\n.\n早" in mail.text
    assert f"{PUBLIC_URL}/chat/{chat}" in mail.text
    assert "&lt;b&gt;Pizza?&lt;/b&gt;<br>Bcc" in mail.html
    assert "<b>Pizza" not in mail.html

    # An edit mails nobody again, and mails of a chat are one conversation.
    path = f"/api/chats/{chat}/messages/{said['id']}"
    ok(await ada.api.patch(path, json={"content": "@bob soup?"}))
    await ada.say(chat, "@bob tea?")
    second = await mailing.next()
    assert "tea?" in second.text
    assert "soup?" not in second.text
    assert second.message["Message-ID"] != message["Message-ID"]
    for name in ("References", "In-Reply-To", "Subject", "List-Id"):
        assert second.message[name] == message[name]

    direct = await ada.chat(bob, type="Single", name="")
    await ada.say(direct, "hello")
    third = await mailing.next()
    assert third.message["Subject"] == "Ada wrote to you at Fechatter"
    assert str(third.message["From"]) == '"Ada (Fechatter)" <fechatter@example.com>'
    assert third.message["References"] != message["References"]


async def test_what_is_deleted_before_it_is_sent_never_leaves(mailing: Mailing) -> None:
    ada, bob = await mailing.team("Ada", "Bob")
    chat = await ada.chat(bob)
    mailing.smtp.answers = {"RCPT": ["451 later"] * 1000}
    secret = await ada.say(chat, "@bob a secret")
    await mailing.until("EXISTS (SELECT FROM mails WHERE kind = 'notification' AND error IS NOT NULL)")
    ok(await ada.api.delete(f"/api/chats/{chat}/messages/{secret['id']}"), 204)
    # An attempt may have been composed before the deletion: nothing is taken until the mail is gone.
    await mailing.until("NOT EXISTS (SELECT FROM mails WHERE kind = 'notification')")
    mailing.smtp.answers = {}
    await ada.say(chat, "@bob no secret")
    assert "a secret" not in (await mailing.next()).text


async def test_mails_are_stopped_from_the_mail_itself(mailing: Mailing) -> None:
    ada, bob = await mailing.team("Ada", "Bob")
    chat = await ada.chat(bob)
    ok(await bob.api.patch(SETTINGS, json={"language": "zh"}))
    await ada.say(chat, "@bob one")
    mail = await mailing.next()
    assert mail.text.startswith(MARKERS["zh"])
    assert "在 #lunch 中" in mail.text
    path = stop_path(mail)
    anybody = mailing.server.anybody
    page = await anybody.get(path, headers={"Accept-Language": "zh"})
    assert (page.status_code, "不再接收" in page.text, "<form" in page.text) == (200, True, True)
    assert ok(await bob.api.get(SETTINGS))["email"] == "at_once"  # looking changes nothing
    one_click: Any = {
        "content": b"List-Unsubscribe=One-Click",
        "headers": {"Content-Type": "application/x-www-form-urlencoded"},
    }
    for forged in (
        path[:-1],
        path + "x",
        path.replace(f"/{bob.id}.", f"/{ada.id}."),
        "/unsubscribe/1",
        "/unsubscribe/é",
    ):
        assert (await anybody.post(forged, **one_click)).status_code == 404, forged
        assert (await anybody.get(forged)).status_code == 404, forged
    assert ok(await bob.api.get(SETTINGS))["email"] == "at_once"
    for _ in range(2):
        assert (await anybody.post(path, **one_click)).status_code == 200
    assert ok(await bob.api.get(SETTINGS))["email"] == "off"
    await ada.say(chat, "@bob two")
    await bob.say(chat, "@ada three")
    assert (await mailing.next()).recipient == ada.email


async def test_an_address_that_is_refused_gets_no_more(mailing: Mailing) -> None:
    ada, bob = await mailing.team("Ada", "Bob")
    chat = await ada.chat(bob)
    mailing.smtp.answers = {"RCPT": ["550 5.1.1 no such user"]}
    await ada.say(chat, "@bob one")
    await mailing.until("EXISTS (SELECT FROM mail_bounces)")
    assert ok(await bob.api.get(SETTINGS))["bounced_at"] is not None
    await ada.say(chat, "@bob two")
    ok(await bob.api.post("/api/auth/address/verification"), 202)
    assert (await mailing.next()).message["Subject"] == "Confirm your address for Fechatter"


async def test_a_digest_is_of_all_chats(mailing: Mailing) -> None:
    ada, bob = await mailing.team("Ada", "Bob")
    group, direct = await ada.chat(bob), await ada.chat(bob, type="Single", name="")
    ok(await bob.api.patch(SETTINGS, json={"email": "daily"}))
    await ada.say(group, "@bob one")
    await ada.say(direct, "two")
    await mailing.until("count(*) = 2 FROM mail_notices")
    async with mailing.database.connect() as sql:
        await sql.execute("UPDATE mail_notices SET due_at = now()")
    mail = await mailing.next()
    assert mail.message["Subject"] == "What you have not read at Fechatter"
    assert "@bob one" in mail.text
    assert "\ntwo\n" in mail.text
    assert (mail.message["Reply-To"], mail.message["References"]) == (None, None)
    assert "Nobody reads replies" in mail.text


async def test_it_is_off_unless_an_operator_turns_it_on(mailing_with: Callable[..., Any]) -> None:
    async with mailing_with(notifications=False, lmtp_port=None) as mailing:
        ada, bob = await mailing.team("Ada", "Bob")
        await ada.say(await ada.chat(bob), "@bob one")
        ok(await mailing.server.anybody.post("/api/auth/password/forgotten", json={"email": ada.email}), 202)
        assert (await mailing.next()).recipient == ada.email
        async with mailing.database.connect() as sql:
            assert not await sql.fetchval("SELECT count(*) FROM mail_notices")
