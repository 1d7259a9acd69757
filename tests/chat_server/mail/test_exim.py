"""Mails of unread messages, replies to them and bounces through a real mail server: Debian's exim."""

import asyncio
import mailbox
import os
import shutil
import signal
import smtplib
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from email.message import EmailMessage, Message
from pathlib import Path
from typing import Any

import pytest

from tests.chat_server.mail.conftest import Mailing
from tests.chat_server.people import ok
from tests.support.identity.smtp_peer import SmtpPeer
from tests.support.servers import free_port

pytestmark = [
    pytest.mark.skipif("EXIM" not in os.environ, reason="it needs root and exim4-daemon-light: make exim"),
    pytest.mark.skipif(shutil.which("exim4") is None, reason="exim4-daemon-light is not installed"),
]

# The router and the transport `fechatter` are those of docs/notifications/mail.md. It accepts any recipient, and finds
# out later, from the next server, that there is no `gone`: so it has to report that to whoever the envelope names.
CONFIGURATION = """
primary_hostname = mta.example.com
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
tls_advertise_hosts =
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
smtp_accept_queue_per_connection = 0
acl_smtp_rcpt = accept_all
acl_smtp_data = accept_all
begin acl
accept_all:
  accept
begin routers
fechatter:
  driver = accept
  domains = in.example.com
  local_parts = chat
  local_part_suffix = +*
  transport = fechatter
gone:
  driver = manualroute
  domains = example.com
  local_parts = gone
  route_list = * 127.0.0.1
  self = send
  transport = next
mailbox:
  driver = accept
  domains = example.com
  local_parts = bob
  transport = mailbox
others:
  driver = redirect
  data = :blackhole:
begin transports
fechatter:
  driver = smtp
  protocol = lmtp
  hosts = 127.0.0.1
  port = {lmtp_port}
  allow_localhost
  rcpt_include_affixes
  max_rcpt = 1
next:
  driver = smtp
  port = {next_port}
  allow_localhost
  hosts_try_chunking =
mailbox:
  driver = appendfile
  file = {folder}/mail/bob
  user = Debian-exim
begin retry
* * F,1h,1s
"""


@contextmanager
def exim(lmtp_port: int, next_port: int) -> Iterator[tuple[int, Path]]:
    """Its port, and the folder of the mailbox. It is ended by its own id, and its children with it."""
    with tempfile.TemporaryDirectory(prefix="fechatter-exim") as name:
        folder, port = Path(name), free_port()
        folder.chmod(0o755)
        for part in ("spool", "log", "mail"):
            (folder / part).mkdir()
            shutil.chown(folder / part, "Debian-exim", "Debian-exim")
        configuration = folder / "exim.conf"
        configuration.write_text(
            CONFIGURATION.format(folder=folder, port=port, lmtp_port=lmtp_port, next_port=next_port)
        )
        command = ["exim4", "-C", str(configuration), "-bdf", "-q1s"]
        with subprocess.Popen(command, start_new_session=True) as server:
            try:
                yield port, folder / "mail"
            finally:
                os.killpg(server.pid, signal.SIGTERM)


async def mail_to(box: Path, wanted: Callable[["Message[Any, Any]"], bool]) -> "Message[Any, Any]":
    """exim writes it whenever it likes."""
    async with asyncio.timeout(60):
        while True:
            if box.exists():
                with closing(mailbox.mbox(box, create=False)) as mails:
                    for each in mails:
                        if wanted(each):
                            return each
            await asyncio.sleep(0.05)


def send(port: int, reply: EmailMessage) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        client.send_message(reply)


def reply_to(mail: "Message[Any, Any]", text: str) -> EmailMessage:
    reply = EmailMessage()
    reply["From"], reply["To"] = "Bob <bob@example.com>", mail["Reply-To"]
    reply["Message-ID"], reply["In-Reply-To"] = f"<{text}@example.com>", mail["Message-ID"]
    reply["Subject"] = f"Re: {mail['Subject']}"
    reply.set_content(f"{text}\n\nOn 11/30/26 10:00, Fechatter wrote:\n> Pizza?\n")
    return reply


async def test_a_mail_a_reply_a_refusal_and_a_bounce(mailing_with: Callable[..., Any], smtp: SmtpPeer) -> None:
    lmtp_port = free_port()
    smtp.answers["RCPT"] = ["550 5.1.1 no such user"]
    with exim(lmtp_port, smtp.port) as (port, boxes):
        async with mailing_with(port=port, lmtp_port=lmtp_port) as running:
            mailing: Mailing = running
            ada, bob, gone = await mailing.server.team("Ada", "Bob", "Gone")
            async with mailing.database.connect() as sql:
                await sql.execute("UPDATE users SET email_verified_at = now()")
            chat = await ada.chat(bob, gone)
            await ada.say(chat, "@bob Pizza?")
            mail = await mail_to(boxes / "bob", lambda each: "Reply-To" in each)
            assert mail["Return-Path"] is None or "chat+b-" in mail["Return-Path"]

            await asyncio.to_thread(send, port, reply_to(mail, "Yes"))
            await mailing.until(f"EXISTS (SELECT FROM messages WHERE sender_id = {bob.id})")
            messages = ok(await ada.api.get(f"/api/chats/{chat}/messages"))
            assert [each["content"] for each in messages if each["sender_id"] == bob.id] == ["Yes"]

            ok(await ada.api.delete(f"/api/chats/{chat}/members/{bob.id}"), 204)
            await asyncio.to_thread(send, port, reply_to(mail, "Late"))
            report = await mail_to(boxes / "bob", lambda each: each.get_content_type() == "multipart/report")
            assert "you are not in this chat any more" in report.as_string()

            await ada.say(chat, "@gone Pizza?")
            await mailing.until("EXISTS (SELECT FROM mail_bounces)")
            async with mailing.database.connect() as sql:
                bounce = await sql.fetchrow("SELECT user_id, status FROM ops.bounces")
                assert bounce is not None
                assert tuple(bounce) == (gone.id, "5.1.1")
