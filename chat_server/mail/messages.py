"""From a row of the queue to a message: text, and the same as simple HTML."""

import html
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from typing import Any
from uuid import UUID

import idna
import msgspec

from chat_core.languages import Language
from chat_core.settings import Mail
from chat_server.mail.texts import GREETING, TEXTS

BODY = """\
<!DOCTYPE html>
<html lang="{language}"><body style="font: 16px/1.5 sans-serif; max-width: 36em; margin: 2em auto; padding: 0 1em">
{body}
</body></html>
"""
_BUTTON = (
    '<p><a href="{link}" style="display: inline-block; padding: .6em 1.2em; border-radius: .4em; '
    'background: #2457d6; color: #fff; text-decoration: none">{act}</a></p>\n'
    '<p style="word-break: break-all">{link}</p>'
)


class Row(msgspec.Struct, frozen=True):
    """A mail of the queue. `fullname` is that of its account's user; None: it may go to somebody else, whom no stranger
    shall write to by a name that they have given an account."""

    id: int
    kind: str
    recipient: str
    language: Language
    details: dict[str, Any]
    seed: UUID
    attempts: int
    created_at: datetime
    expires_at: datetime
    fullname: str | None
    user_id: int


def message(row: Row, settings: Mail, link: str | None) -> EmailMessage:
    """The same for each attempt, with the same Message-ID: a mail that arrives twice is known to be one."""
    text = TEXTS[row.kind][row.language]
    names = {"name": row.fullname or "", "server": settings.sender_name, "recipient": row.recipient, **row.details}

    def filled(template: str) -> str:
        return " ".join(template.format_map(names).split())  # what people call themselves begins no line of its own

    greeting = filled(GREETING[row.language][0 if row.fullname else 1])
    subject = filled(text.subject)
    said, end = [filled(part) for part in text.said], [filled(part) for part in text.end]
    plain = [greeting, *said, *([link] if link else []), *end]
    rich = [*map(_paragraph, (greeting, *said))]
    if link and text.act:
        rich.append(_BUTTON.format(link=html.escape(link), act=html.escape(filled(text.act))))
    rich += map(_paragraph, end)

    composed = headed(row, settings, subject, settings.sender_name)
    add_body(composed, row.language, "\n\n".join(plain), "\n".join(rich))
    return composed


def headed(row: Row, settings: Mail, subject: str, name: str) -> EmailMessage:
    """A mail without a body yet. `name` is beside the sender's address."""
    recipient = deliverable(row.recipient)
    address = settings.sender or "fechatter@localhost"
    composed = EmailMessage(policy=SMTP if recipient.isascii() else SMTPUTF8)
    composed["From"] = Address(name, addr_spec=address)
    local, _, domain = recipient.rpartition("@")
    composed["To"] = Address(username=local, domain=domain)
    composed["Subject"] = subject
    composed["Date"] = format_datetime(row.created_at)
    composed["Message-ID"] = f"<{row.seed}@{address.rpartition('@')[2]}>"
    # RFC 3834: nobody's absence is answered to it.
    composed["Auto-Submitted"] = "auto-generated"
    composed["X-Auto-Response-Suppress"] = "All"
    return composed


def add_body(composed: EmailMessage, language: Language, plain: str, rich: str) -> None:
    """The text, and the same as HTML."""
    composed.set_content(f"{plain}\n", cte="base64" if language == "zh" else "quoted-printable")
    composed.add_alternative(BODY.format(language=language, body=rich), subtype="html")
    composed["Content-Language"] = language


def deliverable(address: str) -> str:
    """The address for SMTP: its domain in ASCII (RFC 5891), so that only a local part beyond ASCII needs SMTPUTF8."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain if domain.isascii() else idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError:
        return address


def _paragraph(text: str) -> str:
    return f"<p>{html.escape(text)}</p>"
