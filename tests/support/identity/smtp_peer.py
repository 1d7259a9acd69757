"""A small SMTP server (RFC 5321) on a free port, with STARTTLS, AUTH PLAIN and SMTPUTF8, that can be made to refuse, to
hang and to break connections. aiosmtpd has had no release since 2024."""

import asyncio
import base64
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass(frozen=True)
class Received:
    """A mail that the server has taken: its envelope, and the message."""

    sender: str
    recipient: str
    options: tuple[str, ...]  # of MAIL FROM
    encrypted: bool
    user: str | None
    message: EmailMessage

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")

    @property
    def html(self) -> str:
        part = self.message.get_body(("html",))
        assert part is not None
        return str(part.get_content())

    @property
    def link(self) -> str:
        found = re.search(r"^https?://\S+$", self.text, re.MULTILINE)
        assert found is not None, self.text
        return found[0]

    @property
    def token(self) -> str:
        return self.link.partition("#")[2]


@dataclass
class SmtpPeer:
    """`answers` are the server's own to a command (`RCPT`, `DATA.` for the end of the data), the first of which is used
    up by each command; `hang` says nothing more, `cut` closes the connection, and `lose` does so after it has
    taken a mail."""

    port: int = 0
    extensions: tuple[str, ...] = ("8BITMIME", "SMTPUTF8")
    tls: ssl.SSLContext | None = None
    credentials: tuple[str, str] | None = None
    answers: dict[str, list[str]] = field(default_factory=dict)
    mails: asyncio.Queue[Received] = field(default_factory=asyncio.Queue)
    connections: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)  # somebody has connected

    async def next(self, seconds: float = 20) -> Received:
        async with asyncio.timeout(seconds):
            return await self.mails.get()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.asked.set()
        try:
            await _Conversation(self, reader, writer).run()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


class _Conversation:
    def __init__(self, peer: SmtpPeer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.peer, self.reader, self.writer = peer, reader, writer
        self.encrypted = self.refused = False
        self.user: str | None = None
        self.sender, self.recipient = "", ""
        self.options: tuple[str, ...] = ()

    async def run(self) -> None:
        if not await self.say("CONNECT", "220 peer"):
            return
        while line := (await self.reader.readline()).decode().strip():
            verb = line.split(maxsplit=1)[0].upper()
            if verb == "QUIT":
                await self.say("QUIT", "221 bye")
                return
            if not await self.say(verb, self.answer(verb, line)):
                return
            if verb == "STARTTLS" and self.peer.tls:
                await self.writer.start_tls(self.peer.tls)
                self.encrypted = True
            elif verb == "DATA" and not await self.take():
                return

    def answer(self, verb: str, line: str) -> str:
        match verb:
            case "EHLO":
                offered = ["peer", *self.peer.extensions]
                if self.peer.tls and not self.encrypted:
                    offered.append("STARTTLS")
                if self.peer.credentials:
                    offered.append("AUTH PLAIN")
                return "\r\n".join(f"250{'-' if each != offered[-1] else ' '}{each}" for each in offered)
            case "AUTH":
                _, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
                self.user = user if (user, password) == self.peer.credentials else None
                return "235 ok" if self.user else "535 who are you"
            case "MAIL":
                self.sender = re.findall("<(.*?)>", line)[0]
                self.options = tuple(line.partition(">")[2].split())
                return "250 ok"
            case "RCPT":
                self.recipient = re.findall("<(.*?)>", line)[0]
                return "250 ok"
            case "DATA":
                return "354 go on"
            case "STARTTLS":
                return "220 go on"
        return "250 ok"

    async def take(self) -> bool:
        data = await self.reader.readuntil(b"\r\n.\r\n")
        goes_on = await self.say("DATA.", "250 taken")
        if not self.refused:
            message = message_from_bytes(data[:-3].replace(b"\r\n..", b"\r\n."), policy=policy.SMTPUTF8)
            assert isinstance(message, EmailMessage)
            mail = Received(self.sender, self.recipient, self.options, self.encrypted, self.user, message)
            self.peer.mails.put_nowait(mail)
        return goes_on

    async def say(self, verb: str, usual: str) -> bool:
        """Whether the conversation goes on."""
        own = self.peer.answers.get(verb, [])
        answer = own.pop(0) if own else usual
        self.refused = answer not in (usual, "lose")
        if answer == "hang":
            await self.reader.read()
        if answer in ("hang", "cut", "lose"):
            return False
        self.writer.write(f"{answer}\r\n".encode())
        await self.writer.drain()
        return True


@asynccontextmanager
async def smtp_peer(**options: object) -> AsyncIterator[SmtpPeer]:
    peer = SmtpPeer(**options)  # type: ignore[arg-type]
    async with await listen(peer):
        yield peer


async def listen(peer: SmtpPeer) -> asyncio.Server:
    server = await asyncio.start_server(peer.serve, "127.0.0.1", peer.port)
    peer.port = server.sockets[0].getsockname()[1]
    return server
