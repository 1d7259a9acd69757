"""Mail that comes in: who may answer in whose name, and what of a mail is posted."""

import asyncio
import base64
import random
import re
import time
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import pytest

from chat_server.mail import return_addresses
from chat_server.mail.inbound import bounds, lmtp, received
from chat_server.mail.return_addresses import ReturnAddress
from tests.chat_server.mail.conftest import Mailing
from tests.chat_server.people import Json, Person, ok
from tests.support.cost import assert_costs_at_most


def mail(text: str = "Yes!", sender: str = "bob@example.com", number: int = 1, **headers: str) -> bytes:
    given = {
        "From": f"Bob <{sender}>",
        "Message-ID": f"<{number}@example.com>",
        "Subject": "Re: lunch",
        "Content-Type": "text/plain; charset=utf-8",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items() if value)
    return f"{head}\r\n{text}".replace("\r\n", "\n").replace("\n", "\r\n").encode()


@dataclass
class Conversation:
    """Ada has mentioned Bob, who has a mail of it."""

    mailing: Mailing
    ada: Person
    bob: Person
    chat: int
    reply_to: str
    bounces_to: str

    async def deliver(self, content: bytes, to: str | None = None, **more: Any) -> tuple[int, str]:
        return await asyncio.to_thread(self.mailing.deliver, content, to or self.reply_to, **more)

    async def said(self) -> list[Json]:
        messages: list[Json] = ok(await self.ada.api.get(f"/api/chats/{self.chat}/messages"))
        return sorted((each for each in messages if each["sender_id"] == self.bob.id), key=itemgetter("seq"))

    async def words(self) -> list[str]:
        return [each["content"] for each in await self.said()]


@pytest.fixture
async def talk(mailing: Mailing) -> Conversation:
    ada, bob = await mailing.team("Ada", "Bob")
    chat = await ada.chat(bob)
    await ada.say(chat, "@bob Pizza?")
    received = await mailing.next()
    return Conversation(mailing, ada, bob, chat, str(received.message["Reply-To"]), received.sender)


async def test_a_reply_is_posted_once(talk: Conversation) -> None:
    quoted = "Yes!\n\nOn Mon, Nov 30, 2026 at 10:00 AM Fechatter <x@example.com>\nwrote:\n\n> Pizza?"
    for _ in range(2):
        assert (await talk.deliver(mail(quoted)))[0] == 250
    assert (await talk.deliver(mail("Second", number=2), talk.reply_to.upper()))[0] == 250
    assert await talk.words() == ["Yes!", "Second"]

    root = (await talk.said())[0]
    ok(
        await talk.ada.api.post(
            f"/api/chats/{talk.chat}/messages", json={"content": "@bob which?", "reply_to": root["id"]}
        ),
        201,
    )
    in_thread = await talk.mailing.next()
    # One mail to two places is posted in both, and in each once.
    assert (await talk.deliver(mail("Margherita", number=2), str(in_thread.message["Reply-To"])))[0] == 250
    assert (await talk.said())[-1]["thread_id"] == root["id"]


async def test_what_a_rule_blocks_is_held_for_review(talk: Conversation) -> None:
    ada = talk.ada
    rules, held = (f"/api/workspaces/{ada.workspace}/{noun}" for noun in ("dlp-rules", "held-messages"))
    rule = {"name": "projects", "kind": "words", "words": ["falcon"], "action": "block"}
    ok(await ada.api.post(rules, json=rule), 201)
    for _ in range(2):
        code, answer = await talk.deliver(mail("The falcon flies"))
        assert (code, "may not be said" in answer) == (550, True)
    assert await talk.words() == []
    [blocked] = ok(await ada.api.get(held, params={"status": "open"}))
    assert (blocked["content"], blocked["sender_id"], blocked["chat_id"]) == (
        "The falcon flies",
        talk.bob.id,
        talk.chat,
    )
    ok(await ada.api.post(f"{held}/{blocked['id']}/release"))
    assert await talk.words() == ["The falcon flies"]


async def test_who_may_not_answer(talk: Conversation) -> None:
    local, _, domain = talk.reply_to.partition("@")
    fields = local.split("-")
    other = talk.bob.id + 1
    forged = [
        local[:-1] + ("a" if local[-1] != "a" else "b"),
        local[:-1],
        "-".join([fields[0], return_addresses._short(talk.ada.id), *fields[2:]]),  # another person
        "-".join([*fields[:2], return_addresses._short(other), *fields[3:]]),  # another chat
        "-".join([*fields[:3], "1", *fields[4:]]),  # a thread
        "-".join([*fields[:4], fields[4] + "0", *fields[5:]]),  # a later day
        "chat",
        "chat+",
        "chat+r-",
        "chat+x-1-2-3-4-5",
        "chat+r-" + "z" * 50,
        talk.bounces_to.partition("@")[0].replace("+b-", "+r-"),
        "root",
    ]
    for address in forged:
        assert (await talk.deliver(mail(), f"{address}@{domain}"))[0] == 550, address
    assert (await talk.deliver(mail(), f"{local}@example.org"))[0] == 550
    for sender in ("eve@example.com", talk.ada.email, "bob@example.com.evil", "bob@example.com>, <eve@example.com"):
        code, answer = await talk.deliver(mail(sender=sender))
        assert (code, "only the address" in answer) == (550, True), sender
    assert (await talk.deliver(mail(From="")))[0] == 550
    assert await talk.words() == []


async def test_an_answer_is_authorised_when_it_comes(talk: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    sql_of = talk.mailing.database.connect
    async with sql_of() as sql:
        for change, back in (
            ("UPDATE users SET status = 'suspended' WHERE id = $1", "UPDATE users SET status = 'active' WHERE id = $1"),
            ("UPDATE chats SET archived_at = now() WHERE $1 > 0", "UPDATE chats SET archived_at = NULL WHERE $1 > 0"),
            (
                "UPDATE chat_members SET silenced_until = now() + interval '1 day' WHERE user_id = $1",
                "UPDATE chat_members SET silenced_until = NULL WHERE user_id = $1",
            ),
        ):
            await sql.execute(change, talk.bob.id)
            assert (await talk.deliver(mail()))[0] == 550, change
            await sql.execute(back, talk.bob.id)
    assert (await talk.deliver(mail()))[0] == 250
    ok(await talk.ada.api.delete(f"/api/chats/{talk.chat}/members/{talk.bob.id}"), 204)
    code, answer = await talk.deliver(mail(number=2))
    assert (code, "not in this chat" in answer) == (550, True)
    with monkeypatch.context() as later:
        later.setattr(return_addresses, "time", type("Later", (), {"time": lambda: time.time() + 31 * 86_400}))
        code, answer = await talk.deliver(mail(number=3))
        assert (code, "too old" in answer) == (550, True)
    async with sql_of() as sql:
        await sql.execute(
            "UPDATE users SET email = 'bobby@example.com', email_verified_at = now() WHERE id = $1", talk.bob.id
        )
    assert (await talk.deliver(mail(number=4, sender="bobby@example.com")))[0] == 550
    assert await talk.words() == ["Yes!"]


async def test_nothing_that_a_machine_has_sent_is_posted(talk: Conversation) -> None:
    """Each is taken and dropped: to refuse it would make the next mail of a loop."""
    received = await _own_mail(talk)
    for number, content in enumerate(
        (
            mail(Auto_Submitted="auto-replied"),
            mail(Auto_Submitted="auto-generated; owner-email=x"),
            mail(Precedence="bulk"),
            mail(List_Id="<list.example.com>"),
            mail(X_Autoreply="yes"),
            mail(Content_Type="multipart/report; report-type=delivery-status; boundary=x"),
            received,
        )
    ):
        assert (await talk.deliver(content))[0] == 250, number
    assert (await talk.deliver(mail(), sender=""))[0] == 250  # as a report of a bounce
    assert (await talk.deliver(mail(Auto_Submitted="no")))[0] == 250
    assert await talk.words() == ["Yes!"]


async def _own_mail(talk: Conversation) -> bytes:
    await talk.ada.say(talk.chat, "@bob again")
    own = bytes((await talk.mailing.next()).message)
    return re.sub(rb"From: .*?\r?\n", b"From: bob@example.com\r\n", own, count=1)


READ = {
    "HTML alone": (mail("<p>Yes, <b>you</b></p><blockquote>Pizza?</blockquote>", Content_Type="text/html"), "Yes, you"),
    "quoted-printable": (mail("Gr=C3=BC=C3=9Fe", Content_Transfer_Encoding="quoted-printable"), "Grüße"),
    "base64": (mail("5aW9", Content_Transfer_Encoding="base64"), "好"),
    "GB2312": (
        mail("", Content_Type="text/plain; charset=gb2312") + "好".encode("gb18030"),
        "好",
    ),
    "Latin-1": (mail("", Content_Type="text/plain; charset=iso-8859-1") + b"Gr\xfc\xdfe", "Grüße"),
    "an unknown charset": (mail("Yes", Content_Type="text/plain; charset=x-unknown"), "Yes"),
    "a codec that is no charset": (mail("Yes", Content_Type="text/plain; charset=base64"), "Yes"),
    "broken UTF-8": (mail("") + b"a\xffb", "a�b"),
    "flowed": (mail("one \ntwo\n\nthree", Content_Type="text/plain; format=flowed"), "one two\n\nthree"),
    "control characters": (mail("a\x00b\x1b[31mc"), "ab[31mc"),
    "both": (
        mail(
            "--x\nContent-Type: text/html\n\n<p>no</p>\n--x\nContent-Type: text/plain\n\nYes\n--x--",
            Content_Type="multipart/alternative; boundary=x",
        ),
        "Yes",
    ),
    "an attachment": (
        mail(
            "--x\nContent-Type: text/plain\nContent-Disposition: attachment\n\nno\n"
            "--x\nContent-Type: text/plain\n\nYes\n--x--",
            Content_Type="multipart/mixed; boundary=x",
        ),
        "Yes",
    ),
    "headers that no parser likes": (
        mail("Yes", Subject="=?utf-8?b?=?=", To='"', Cc="<<>@", Date="x", Content_Disposition=";;", X="y" * 5000),
        "Yes",
    ),
    "a boundary that never comes": (mail("Yes", Content_Type="multipart/mixed; boundary=x"), None),
    "nothing": (mail(" \n"), None),
    "a quote alone": (mail("> Pizza?"), None),
    "too long": (mail("x " * 5001), None),
    "nested too deep": (
        mail("", Content_Type="multipart/mixed; boundary=x") + b"--x\r\nContent-Type: message/rfc822\r\n\r\n" * 300,
        None,
    ),
}


async def test_what_of_a_mail_is_posted(talk: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lmtp, "REPLIES_A_MINUTE", 100)
    posted = 0
    for number, (name, (content, words)) in enumerate(READ.items(), 10):
        content = content.replace(b"<1@example.com>", f"<{number}@example.com>".encode())
        code, answer = await talk.deliver(content)
        assert code == (250 if words is not None else 550), (name, answer)
        if words is not None:
            posted += 1
            assert (await talk.words())[-1] == words, name
    assert len(await talk.words()) == posted


PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def with_files(number: int, *parts: tuple[str, bytes], text: str = "Here they are") -> bytes:
    """As a mail program makes it: the head of each part without its encoding, and its bytes."""
    inside = [f"--x\nContent-Type: text/plain\n\n{text}\n"]
    for head, content in parts:
        encoded = base64.encodebytes(content).decode()
        inside.append(f"--x\n{head}\nContent-Transfer-Encoding: base64\n\n{encoded}\n")
    return mail("".join(inside) + "--x--\n", number=number, Content_Type="multipart/mixed; boundary=x")


def part(kind: str, name: str = "") -> str:
    return f"Content-Type: {kind}" + (f"\nContent-Disposition: attachment; filename*=UTF-8''{name}" if name else "")


async def test_files_are_posted_with_the_reply(talk: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lmtp, "REPLIES_A_MINUTE", 100)
    long = random.Random(5).randbytes(400_000)  # of which most lines are taken out and put back
    signature = (part("application/pkcs7-signature", "smime.p7s"), b"signed")
    files = [(part("application/pdf", "%E5%8F%91%E7%A5%A8.pdf"), long), (part("image/png"), PICTURE), signature]
    for _ in range(2):  # the second one is a repetition
        assert (await talk.deliver(with_files(1, *files)))[0] == 250
    assert (await talk.deliver(with_files(2, (part("text/csv", "a.csv"), b"a,b"), text="> quoted")))[0] == 250
    first, second = await talk.said()
    assert (first["content"], second["content"]) == ("Here they are", "")
    assert [(each["name"], each["type"]) for each in first["files"]] == [
        ("发票.pdf", "application/octet-stream"),
        ("image.png", "image/png"),
    ]
    assert [each["name"] for each in second["files"]] == ["a.csv"]
    for file, content in zip(first["files"], (long, PICTURE), strict=True):
        assert (await talk.ada.api.get(f"/api/files/{file['id']}")).content == content
    owned = ok(await talk.bob.api.get("/api/files"))
    assert len(owned) == 3, "what was not posted is gone"

    # What cannot be posted goes back, with all of the mail: nothing of it is dropped in silence.
    larger = long + long
    forwarded = ("Content-Type: message/rfc822", b"")
    for number, (refused, why) in enumerate(
        (
            ([(part("image/png", "large.png"), larger)], "at most 500000 bytes"),
            ([(part("text/csv", "a.csv"), b"a,b"), (part("image/png", "large.png"), larger)], "at most 500000 bytes"),
            ([(part("text/csv", f"{each}.csv"), b"a") for each in range(11)], "at most 10 files"),
            ([forwarded], "a mail in it"),
        ),
        10,
    ):
        code, answer = await talk.deliver(with_files(number, *refused))
        assert (code in (550, 552), why in answer) == (True, True), (number, code, answer)
    async with talk.mailing.database.connect() as sql:
        await sql.execute("UPDATE chats SET archived_at = now()")
        assert (await talk.deliver(with_files(20, *files[1:])))[0] == 550
        assert await sql.fetchval("SELECT count(*) FROM files") == 3
        # The database fails just when it is to be posted, and again: the mail server tries again, and nothing is left.
        await sql.execute("UPDATE chats SET archived_at = NULL; ALTER FUNCTION post_reply RENAME TO posts_reply")
        for _ in range(2):
            assert (await talk.deliver(with_files(21, *files[1:])))[0] == 451
        assert await sql.fetchval("SELECT count(*) FROM files") == 3
        # Somebody who has left stores nothing to be refused.
        stored = await sql.fetchval("SELECT last_value FROM files_id_seq")
        await sql.execute("DELETE FROM chat_members WHERE user_id = $1", talk.bob.id)
        assert (await talk.deliver(with_files(22, *files[1:])))[1].endswith("not in this chat any more")
        assert await sql.fetchval("SELECT last_value FROM files_id_seq") == stored
    assert len(await talk.said()) == 2


REPLY = ReturnAddress("r", 1, 1)
HEAD = b"From: bob@example.com\r\nMessage-ID: <1@example.com>\r\n"
PHOTO = (b"A" * 76 + b"\r\n") * 60_000


def nested(depth: int, lines: int) -> bytes:
    parts = (b"Content-Type: multipart/digest; boundary=b%d\r\n\r\n--b%d\r\n" % (each, each) for each in range(depth))
    return HEAD + b"".join(parts) + b"--b\r\n" * lines


@pytest.mark.parametrize(
    "content",
    [
        nested(30, 10),
        HEAD + b"Content-Type: multipart/mixed;\n bouNdary=x\n" * 30,
        HEAD + b"\r\n" * 25_000,
        HEAD + b"\r" * 200_000,
        HEAD + b"\r\n" + (b"x " * 35 + b"\r\n") * 9_000,
        HEAD + b"Content-Type: text/plain" + b";a\n " * 2_000 + b"\n\nYes",
        HEAD + b"\r\n" + PHOTO.replace(b"A" * 20, b"." * 20),
    ],
)
def test_what_is_costly_to_read_is_not_read(content: bytes) -> None:
    with pytest.raises(bounds.TooCostly):
        lmtp._read(content, REPLY)


@pytest.mark.parametrize("text", ["Yes", "J\u00e4"])
def test_no_encoding_makes_a_mark_of_what_was_taken_out(text: str) -> None:
    """Each would be megabytes."""
    body = mail(
        "--x\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n",
        Content_Type="multipart/mixed; boundary=x",
    )
    image = b"\n--x\nContent-Transfer-Encoding: base64\nContent-Type: image/jpeg\n\n"
    said = lmtp._read(body + text.encode() + b"=00=01=00=01=00=02=02" + image + PHOTO + b"--x--", REPLY)
    assert said.text == text
    assert [len(file.content) for file in said.files] == [57 * 60_000]


def test_the_costliest_mails_that_are_read() -> None:
    """Each takes less than 0.3 s of this machine, and took minutes with more of the same."""
    photo = mail(
        "--x\nContent-Type: text/plain\n\nYes\n--x\nContent-Transfer-Encoding: base64\nContent-Type: image/jpeg\n\n",
        Content_Type="multipart/mixed; boundary=x",
    )
    flowed = mail("x" * 24 + " ", Content_Type="text/plain; format=flowed; delsp=yes") + (b"y" * 24 + b" \r\n") * 19_000
    punycode = mail("x", Content_Type="text/plain; charset=punycode") + b"a" * 99_000 + b"-" + b"z9" * 99_000

    def read() -> None:
        assert lmtp._read(photo + PHOTO + b"--x--", REPLY).text == "Yes"
        lmtp._read(nested(20, 15_000), REPLY)
        assert len(lmtp._read(flowed, REPLY).text) < received.MOST_BYTES
        lmtp._read(punycode, REPLY)

    assert_costs_at_most(4, read)


async def test_large_mails_and_many_are_refused(talk: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    code, answer = await talk.deliver(mail("x" * 70 + "\n") + (b"y" * 1000 + b"\r\n") * 50_000)
    assert code == 552, answer
    assert (await talk.deliver(mail() + b"z" * (lmtp.LONGEST_LINE + 10)))[0] == 500
    monkeypatch.setattr(lmtp, "REPLIES_A_MINUTE", 2)
    codes = [(await talk.deliver(mail(number=number)))[0] for number in range(20, 24)]
    assert codes == [250, 250, 451, 451]
    assert len(await talk.words()) == 2

    with monkeypatch.context() as unread:  # each is counted before anything of it is read
        unread.setattr(received, "parse", None)
        assert (await talk.deliver(mail(number=24)))[0] == 451
        unread.setattr(lmtp, "BOUNCES_A_MINUTE", 1)
        codes = [(await talk.deliver(mail(), talk.bounces_to, sender=""))[0] for _ in range(2)]
        assert codes == [554, 451]

    async with asyncio.timeout(20):  # more connections at a time than it has
        idle = [await asyncio.open_connection("127.0.0.1", talk.mailing.lmtp_port) for _ in range(5)]
        greetings = sorted([(await reader.readline())[:3] for reader, _ in idle])
        assert greetings == [b"220"] * 4 + [b"421"]
        for _, writer in idle:
            writer.close()


DSN = """\
From: MAILER-DAEMON@example.com
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary=x

--x
Content-Type: text/plain

It could not be delivered.
--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.com

Final-Recipient: rfc822; bob@example.com
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user
--x--
"""


def failed(status: str, diagnosis: str = "") -> str:
    return (
        DSN.format(action="failed")
        .replace("Status: 5.1.1", f"Status: {status}")
        .replace("550 5.1.1 no such user", diagnosis or f"550 {status} no")
    )


# What a server says of a mail, of its sender or of itself: nothing of the recipient.
OF_THE_MAIL = (
    *(
        (status,)
        for status in ("5.7.1", "5.6.0", "5.2.2", "5.2.3", "5.3.4", "5.4.1", "5.0.0", "5.1.7", "5.1.8", "4.1.1")
    ),
    ("",),
    ("5.0.0", "550 5.7.1 looks like spam"),
    ("5.0.0", "550 spam, see 5.1.1"),
)


async def test_a_bounce_stops_mail(talk: Conversation) -> None:
    settings = "/api/users/me/notifications"
    local, _, domain = talk.bounces_to.partition("@")
    for content, to in (
        (DSN.format(action="delayed"), talk.bounces_to),
        *((failed(*said), talk.bounces_to) for said in OF_THE_MAIL),
        (mail("out of office", Auto_Submitted="auto-replied").decode(), talk.bounces_to),
        (DSN.format(action="failed"), talk.reply_to),
    ):
        assert (await talk.deliver(content.encode(), to, sender=""))[0] == 250
    assert (await talk.deliver(DSN.format(action="failed").encode(), f"{local[:-1]}@{domain}", sender=""))[0] == 550
    assert ok(await talk.bob.api.get(settings))["bounced_at"] is None
    assert (await talk.deliver(DSN.format(action="failed").encode(), talk.bounces_to, sender=""))[0] == 250
    assert ok(await talk.bob.api.get(settings))["bounced_at"] is not None
    async with talk.mailing.database.connect() as sql:
        assert await sql.fetchval("SELECT reason FROM ops.bounces") == "smtp; 550 5.1.1 no such user"
    await talk.ada.say(talk.chat, "@bob again")
    await talk.bob.say(talk.chat, "@ada look")
    assert (await talk.mailing.next()).recipient == talk.ada.email


@pytest.mark.parametrize(
    "report", [failed("5.1.1"), failed("5.2.1"), failed("5.1.10"), failed("5.0.0", "550-5.1.1 no such user")]
)
def test_what_a_bounce_is(report: str) -> None:
    failure = lmtp._read(report.encode(), ReturnAddress("b", 1)).failure
    assert failure is not None
    assert failure.status.startswith(("5.1.1", "5.2.1"))


async def test_without_a_database_a_mail_is_to_come_again(talk: Conversation) -> None:
    async with talk.mailing.database.connect() as sql:
        await sql.execute("ALTER FUNCTION post_reply RENAME TO post_reply_later")
        assert (await talk.deliver(mail()))[0] == 451
        await sql.execute("ALTER FUNCTION post_reply_later RENAME TO post_reply")
    assert (await talk.deliver(mail()))[0] == 250
