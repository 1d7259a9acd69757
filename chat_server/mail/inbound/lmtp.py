"""Takes mail over LMTP (RFC 2033) from a mail server: replies to notifications, which are posted with their files, and
reports of bounces.

Whom a mail is from is what its address says, whose token only this server can make; and its sender must be the
account's address, so that a notification that somebody has passed on cannot be answered in their name. Whether they
may post is decided when the mail comes. An answer of 4xx is tried again, one of 5xx goes back to the sender.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, cast

import asyncpg
import structlog
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session

from chat_core.database.pool import Connection, Pool
from chat_core.database.queries import query
from chat_core.problems import DATABASE_ERRORS, Problem
from chat_core.settings import Mail as Settings
from chat_core.tokens import Signer
from chat_server.files.uploads import Uploads
from chat_server.mail import return_addresses
from chat_server.mail.inbound import bounds, files, received
from chat_server.mail.inbound.bounces import Failure, failure_in
from chat_server.mail.inbound.received import Attached
from chat_server.mail.messages import deliverable
from chat_server.mail.return_addresses import ReturnAddress
from chat_server.parts.metrics import Metrics

LARGEST_BYTES: Final = 10 * 2**20
LONGEST_LINE: Final = 100_000  # mail servers let longer ones pass than RFC 5322 does
MOST_CONNECTIONS: Final = 4
IDLE_SECONDS: Final = 60.0
REPLIES_A_MINUTE: Final = 20
BOUNCES_A_MINUTE: Final = 20  # of one account's mails
LONGEST_REPLY: Final = 10_000  # as messages_content_length

ACT_AS = query("act_as", "actor", "address")
MAIL_ACCOUNT = query("mail_account", "user")
MAIL_BOUNCED = query("mail_bounced", "user", "address", "status", "reason")
MAIL_CHARGE = query("mail_charge", "purpose", "user", "most")
MAIL_REPLY = query("mail_reply", "user", "address", "chat", "thread", "content", "files", "digest")
MESSAGE_HOLD_BLOCKED = query("message_hold_blocked", "chat", "user", "content", "extra")

OK: Final = "250 2.1.5 ok"
LATER: Final = "451 4.3.0 the database is unavailable, try again"
REFUSALS: Final = {
    "stranger": "550 5.7.1 this account is not in use",
    "not_found": "550 5.7.1 you are not in this chat any more",
    "forbidden": "550 5.7.1 you are not in this chat any more",
    "archived": "550 5.7.1 this chat is archived",
    "silenced": "550 5.7.1 you may not post in this chat at the moment",
    "no_reply_to": "550 5.7.1 the message that you answer is gone",
    "blocked": "550 5.7.1 this may not be said here",
    "no_file": "451 4.3.0 a file has gone meanwhile, try again",
}
LIMITED: Final = "451 4.7.0 too many mails, try again in a minute"

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Read:
    """What there is to know of a mail; `problem`: why its text cannot be posted."""

    automatic: bool
    senders: list[str]
    digest: bytes
    text: str
    files: list[Attached]
    problem: str | None
    failure: Failure | None


class Inbox:
    """What aiosmtpd calls."""

    def __init__(self, settings: Settings, pool: Pool, signer: Signer, metrics: Metrics, uploads: Uploads) -> None:
        self._base = settings.inbound_address or ""
        self._settings, self._pool, self._signer, self._metrics = settings, pool, signer, metrics
        self._uploads = uploads
        self.connections = 0
        # One mail at a time, even where the connection has given up meanwhile: a thread cannot be ended.
        self._reader = ThreadPoolExecutor(1, "mail")

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[int]:
        """Takes mail, at the port that is given. Raises OSError if it is in use."""
        logging.getLogger("mail.log").setLevel(logging.WARNING)  # it logs what mails say
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Lmtp(self), self._settings.lmtp_host, self._settings.lmtp_port)
        try:
            async with server:
                yield server.sockets[0].getsockname()[1]
        finally:
            self._reader.shutdown(wait=False, cancel_futures=True)

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: LMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if envelope.rcpt_tos:
            return "452 4.5.3 one recipient at a time"
        named = return_addresses.read(self._base, address)
        if named is None or await self._account(named) is None:
            self._metrics.mails_received.labels("unknown").inc()
            return "550 5.1.1 no such address"
        if named.is_over:
            return "550 5.7.1 the mail is too old to be answered"
        envelope.rcpt_tos.append(address)
        return OK

    async def handle_DATA(self, server: LMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        named = return_addresses.read(self._base, envelope.rcpt_tos[0])
        email = await self._account(named) if named is not None else None
        if named is None or email is None:  # the address has changed since RCPT
            return "550 5.1.1 no such address"
        if await self._is_limited(named):
            self._metrics.mails_received.labels("limited").inc()
            return LIMITED
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        try:
            mail = await asyncio.get_running_loop().run_in_executor(self._reader, _read, raw, named)
        except bounds.TooCostly as error:
            self._metrics.mails_received.labels("too_long").inc()
            return f"550 5.3.4 {error}"
        if named.purpose == "b":
            outcome, answer = await self._take_bounce(named, email, mail)
        elif mail.automatic or not envelope.mail_from:
            outcome, answer = "automatic", OK  # an answer to it would be the next mail of a loop
        else:
            outcome, answer = await self._take_reply(named, email, mail)
        self._metrics.mails_received.labels(outcome).inc()
        return answer

    async def handle_exception(self, error: Exception) -> str:
        if isinstance(error, DATABASE_ERRORS):
            _log.warning("a mail could not be taken", error=f"{type(error).__name__}: {error}")
            return LATER
        _log.error("a mail could not be read", exc_info=error)
        return "554 5.6.0 this mail cannot be read"

    async def _account(self, named: ReturnAddress) -> str | None:
        """The address of the account that a token is for; None if the token is not genuine, or of another address."""
        email: str | None = await MAIL_ACCOUNT.value(self._pool, user=named.user_id)
        return email if email is not None and named.is_of(self._signer, email) else None

    async def _is_limited(self, named: ReturnAddress) -> bool:
        """Charged for each mail before it is read, and whatever becomes of it."""
        most = REPLIES_A_MINUTE if named.purpose == "r" else BOUNCES_A_MINUTE
        wait = await MAIL_CHARGE.value(self._pool, purpose=named.purpose, user=named.user_id, most=most)
        return wait is not None

    async def _take_bounce(self, named: ReturnAddress, email: str, mail: _Read) -> tuple[str, str]:
        if mail.failure is None:
            return "no_bounce", OK
        await MAIL_BOUNCED.row(
            self._pool, user=named.user_id, address=email, status=mail.failure.status, reason=mail.failure.reason
        )
        _log.info("mail has bounced", user=named.user_id, status=mail.failure.status)
        return "bounce", OK

    async def _take_reply(self, named: ReturnAddress, email: str, mail: _Read) -> tuple[str, str]:
        if [deliverable(each).lower() for each in mail.senders] != [deliverable(email).lower()]:
            return "other_sender", "550 5.7.1 only the address that the notification was sent to can answer it"
        if mail.problem is not None:
            return "unreadable", f"550 5.6.0 {mail.problem}"
        if len(mail.text) > LONGEST_REPLY:
            return "too_long", f"550 5.3.4 a message has at most {LONGEST_REPLY} characters"
        try:
            stored = await files.store(self._pool, self._uploads, named.user_id, named.chat_id, mail.files)
        except Problem as problem:
            return "refused", REFUSALS.get(problem.code) or files.answer(problem)
        async with files.discarded_on_failure(self._pool, named.user_id, stored):
            outcome = await self._post(named, email, mail, stored)
        if outcome not in ("created", "blocked"):
            await files.discard(self._pool, named.user_id, stored)
        if outcome in ("created", "repeated"):
            return outcome, OK
        return outcome, REFUSALS.get(outcome, "550 5.7.1 this cannot be posted")

    async def _post(self, named: ReturnAddress, email: str, mail: _Read, stored: list[int]) -> str:
        """What came of it. What a rule blocks has its files kept, for those who review it."""
        try:
            outcome: str = await MAIL_REPLY.value(
                self._pool,
                user=named.user_id,
                address=email,
                chat=named.chat_id,
                thread=named.thread_id,
                content=mail.text,
                files=stored or None,
                digest=mail.digest,
            )
        except asyncpg.PostgresError as error:
            if error.sqlstate != "FC422":
                raise
            await self._hold(named, mail.text, stored)
            return "blocked"
        return outcome

    async def _hold(self, named: ReturnAddress, text: str, stored: list[int]) -> None:
        """For review, as what is blocked over HTTP: with the refusal went the transaction that would have posted it."""
        more = ({"reply_to": named.thread_id} if named.thread_id else {}) | ({"files": stored} if stored else {})
        extra = json.dumps(more) if more else None
        async with self._pool.acquire() as acquired, acquired.transaction():
            connection = cast("Connection", acquired)
            await ACT_AS.row(connection, actor=str(named.user_id), address="")
            await MESSAGE_HOLD_BLOCKED.value(
                connection, chat=named.chat_id, user=named.user_id, content=text, extra=extra
            )


class _Lmtp(LMTP):
    line_length_limit = LONGEST_LINE

    def __init__(self, inbox: Inbox) -> None:
        super().__init__(
            inbox,
            data_size_limit=LARGEST_BYTES,
            enable_SMTPUTF8=True,
            hostname="fechatter",
            ident="LMTP",
            timeout=IDLE_SECONDS,
            loop=asyncio.get_running_loop(),
        )
        self._inbox = inbox

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._inbox.connections += 1
        if self._inbox.connections > MOST_CONNECTIONS and isinstance(transport, asyncio.Transport):
            transport.write(b"421 4.3.2 too many connections\r\n")
            transport.close()
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._inbox.connections -= 1
        super().connection_lost(error)


def _read(raw: bytes, named: ReturnAddress) -> _Read:
    is_reply = named.purpose == "r"
    to = f"{named.user_id} {named.chat_id} {named.thread_id}"
    readable, taken = bounds.readable(raw)
    message = received.parse(readable)
    text, attached, problem = "", list[Attached](), None
    automatic = received.is_automatic(message)
    if is_reply and not automatic:
        try:
            text, attached = received.reply_in(message, taken)
        except received.Unreadable as error:
            problem = str(error)
    failure = None if is_reply else failure_in(message)
    digest = received.digest_of_id(message, raw, to)
    return _Read(automatic, received.senders(message), digest, text, attached, problem, failure)
