"""How mails leave: over SMTP or, in development without an SMTP server, into the log."""

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator
from email.message import EmailMessage
from typing import Protocol

import aiosmtplib
import structlog

from chat_core.settings import Mail
from chat_server.mail.messages import deliverable

# For each answer of the SMTP server, and for a whole mail.
ANSWER_SECONDS = 10.0
MAIL_SECONDS = 20.0

_log = structlog.get_logger()


class NotTaken(Exception):
    """The SMTP server has not taken a mail. `for_good`: it would not take it later either; `unknown`: since there is no
    such recipient. The text is its answer."""

    def __init__(self, reason: str, *, for_good: bool = False, unknown: bool = False) -> None:
        super().__init__(" ".join(reason.split())[:300])
        self.for_good, self.unknown = for_good, unknown


class Unreachable(Exception):
    """The SMTP server cannot be reached, or does not let us in: no mail can be sent now. The text says why."""


class Connection(Protocol):
    async def send(self, message: EmailMessage, recipient: str, sender: str | None = None) -> None:
        """`sender`: where reports of bounces go; None: as configured. Raises NotTaken, and Unreachable if the
        connection is lost."""


class Smtp:
    """A connection to the SMTP server of the settings."""

    def __init__(self, client: aiosmtplib.SMTP, settings: Mail) -> None:
        self._client, self._sender = client, settings.sender

    async def send(self, message: EmailMessage, recipient: str, sender: str | None = None) -> None:
        try:
            async with asyncio.timeout(MAIL_SECONDS):
                await self._client.send_message(message, sender=sender or self._sender, recipients=[recipient])
        except aiosmtplib.SMTPRecipientsRefused as error:
            refusal = error.recipients[0]
            for_good = refusal.code >= 500
            raise NotTaken(
                f"{refusal.code} {refusal.message}", for_good=for_good, unknown=_is_unknown(refusal)
            ) from None
        except aiosmtplib.SMTPDataError as error:
            raise NotTaken(f"{error.code} {error.message}", for_good=error.code >= 500) from None
        except aiosmtplib.SMTPNotSupported as error:
            raise NotTaken(error.message, for_good=True) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Unreachable(_reason(error)) from error


class Printed:
    """Development: mails are lines of the log, with their links."""

    async def send(self, message: EmailMessage, recipient: str, sender: str | None = None) -> None:
        text = message.get_body(("plain",))
        _log.info("mail", to=recipient, subject=str(message["Subject"]), text=text.get_content() if text else "")


@contextlib.asynccontextmanager
async def connected(settings: Mail) -> AsyncIterator[Smtp]:
    """A connection over which mails can be sent: encrypted and signed in to as the settings say. Raises Unreachable."""
    try:
        client = aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.server_port,
            # What we call ourselves. Its own guess asks a name server about this machine, for as long as that takes.
            local_hostname=deliverable(settings.sender or "").rpartition("@")[2] or "localhost",
            timeout=ANSWER_SECONDS,
            use_tls=settings.tls == "tls",
            start_tls=settings.tls == "starttls",
            tls_context=ssl.create_default_context(cafile=settings.ca_file) if settings.tls != "none" else None,
        )
        async with asyncio.timeout(MAIL_SECONDS):
            await client.connect()
            if settings.user is not None:
                await client.login(settings.user, settings.password() or "")
    except (aiosmtplib.SMTPException, OSError) as error:  # TimeoutError and ssl.SSLError are OSErrors
        raise Unreachable(_reason(error)) from error
    try:
        yield Smtp(client, settings)
    finally:
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):
            await client.quit(timeout=1)
        client.close()


def _is_unknown(refusal: aiosmtplib.SMTPRecipientRefused) -> bool:
    """5.1.x (RFC 3463) or no extended code: of policy are 5.7.x, and of the mail itself others."""
    extended = re.match(r"5\.(\d+)\.", refusal.message)
    return refusal.code in (550, 551, 553) and (extended is None or extended[1] == "1")


def _reason(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {error.message}"[:300]
    return (str(error) or type(error).__name__)[:300]
