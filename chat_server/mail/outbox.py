"""Sends the mails of the queue: rows of `mails`, written in the transactions that cause them.

A mail is sent at least once. Whoever takes it has it alone for LEASE_SECONDS; a server that ends before it has noted
that the mail was sent leaves it to the next, which sends the same message again, with the same Message-ID.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from email.message import EmailMessage

import msgspec
import structlog

from chat_core.database.pool import Pool
from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_core.settings import Settings
from chat_core.tokens import Signer
from chat_core.waiting import wait_at_most
from chat_server.mail import links, transport
from chat_server.mail.messages import Row, deliverable, message
from chat_server.mail.notice_messages import KINDS, Told, notice
from chat_server.mail.return_addresses import bounce_address
from chat_server.mail.transport import Connection, NotTaken, Unreachable
from chat_server.parts.metrics import Metrics

AT_ONCE = 5
# Longer than a batch takes whose connections and mails all take as long as `transport` allows.
LEASE_SECONDS = 240
MOST_ATTEMPTS = 12
# After the first attempt; each further one doubles it.
RETRY_SECONDS = 10
LONGEST_RETRY_SECONDS = 3600
# How often rows that other servers or psql have written are looked for.
LOOK_SECONDS = 5.0

MAIL_BOUNCED = query("mail_bounced", "user", "address", "status", "reason")
MAIL_FAILED = query("mail_failed", "id", "error")
MAIL_FORGET = query("mail_forget", "id")
MAIL_PUT_OFF = query("mail_put_off", "id", "error", "seconds")
MAIL_SENT = query("mail_sent", "id")
MAILED_MESSAGES = query("mailed_messages", "mail")
MAILS_CLAIM = query("mails_claim", "limit", "seconds")

_log = structlog.get_logger()


class Outbox:
    """`sends`: there is an SMTP server. `prints`: there is none, and mails are printed for a developer."""

    def __init__(self, settings: Settings, pool: Pool, signer: Signer, metrics: Metrics) -> None:
        self._settings, self._pool, self._signer, self._metrics = settings, pool, signer, metrics
        self._public_url = settings.server.origin
        self.sends = settings.mail.host is not None
        self.prints = not self.sends and settings.mode == "development"
        self._written = asyncio.Event()
        self._closing = False

    @property
    def is_on(self) -> bool:
        return self.sends or self.prints

    def require(self) -> None:
        """Raises Problem 403 where no mail leaves this server."""
        if not self.is_on:
            raise Problem(403, "mail_off", "This server sends no mail: ask its operator for a link.")

    def wake(self) -> None:
        """A mail has been written, and committed."""
        self._written.set()

    async def run(self) -> None:
        """Runs until closed and cancelled: the client of SMTP may overhear a cancellation, as asyncio's wait_for does
        until Python 3.12. Failures, such as an unavailable database, are logged and retried."""
        while self.is_on and not self._closing:
            self._written.clear()
            try:
                while await self.send_due() == AT_ONCE and not self._closing:
                    pass
            except Exception as error:
                _log.warning("sending mails failed", error=f"{type(error).__name__}: {error}")
            await wait_at_most(LOOK_SECONDS, self._written)

    def close(self) -> None:
        """It takes no further mails; cancel what runs it."""
        self._closing = True

    async def send_due(self) -> int:
        """Takes up to AT_ONCE mails that are due, and tries to send each; returns how many it took."""
        rows = await MAILS_CLAIM.rows(self._pool, limit=AT_ONCE, seconds=LEASE_SECONDS)
        mails = [msgspec.convert({**row, "details": msgspec.json.decode(row["details"])}, Row) for row in rows]
        if not mails:
            return 0
        waiting = deque(mails)
        try:
            while waiting:
                async with self._connected() as connection:
                    await self._send(connection, waiting)
        except Unreachable as error:
            _log.warning("SMTP server unavailable", reason=str(error))
            for mail in waiting:
                await self._put_off(mail, str(error))
        return len(mails)

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[Connection]:
        if self.prints:
            yield transport.Printed()
        else:
            async with transport.connected(self._settings.mail) as connection:
                yield connection

    async def _send(self, connection: Connection, waiting: deque[Row]) -> None:
        """Until none is waiting, or one breaks the connection: the others go over another one."""
        while waiting:
            mail = waiting.popleft()
            try:
                composed = await self._composed(mail)
            except Exception as error:  # one that cannot be composed holds up no other
                await self._put_off(mail, f"not composed: {type(error).__name__}: {error}")
                continue
            if composed is None:
                await MAIL_FORGET.row(self._pool, id=mail.id)
                self._metrics.mails.labels(mail.kind, "dropped").inc()
                continue
            try:
                await connection.send(composed, deliverable(mail.recipient), self._bounces_to(mail))
            except Unreachable as error:
                await self._put_off(mail, str(error))
                return
            except NotTaken as refusal:
                if refusal.unknown:
                    status = f"refused {str(refusal)[:3]}"
                    of = {"user": mail.user_id, "address": mail.recipient}
                    await MAIL_BOUNCED.row(self._pool, **of, status=status, reason=str(refusal))
                await (self._give_up if refusal.for_good else self._put_off)(mail, str(refusal))
            else:
                await MAIL_SENT.row(self._pool, id=mail.id)
                self._metrics.mails.labels(mail.kind, "sent").inc()

    async def _composed(self, mail: Row) -> EmailMessage | None:
        """None: there is nothing to tell any more."""
        if mail.kind not in KINDS:
            link = links.link(self._signer, self._public_url, mail.kind, mail.seed)
            return message(mail, self._settings.mail, link)
        told = [msgspec.convert(dict(row), Told) for row in await MAILED_MESSAGES.rows(self._pool, mail=mail.id)]
        if not told:
            return None
        return notice(mail, told, self._settings.mail, self._signer, self._public_url)

    def _bounces_to(self, mail: Row) -> str | None:
        base = self._settings.mail.inbound_address
        return bounce_address(self._signer, base, mail.user_id, mail.recipient) if base is not None else None

    async def _put_off(self, mail: Row, reason: str) -> None:
        if mail.attempts >= MOST_ATTEMPTS:
            await self._give_up(mail, reason)
            return
        seconds = min(RETRY_SECONDS * 2 ** (mail.attempts - 1), LONGEST_RETRY_SECONDS)
        await MAIL_PUT_OFF.row(self._pool, id=mail.id, error=reason, seconds=seconds)
        self._metrics.mails.labels(mail.kind, "put_off").inc()

    async def _give_up(self, mail: Row, reason: str) -> None:
        await MAIL_FAILED.row(self._pool, id=mail.id, error=reason)
        self._metrics.mails.labels(mail.kind, "failed").inc()
        _log.warning("mail given up", id=mail.id, kind=mail.kind, reason=reason)
