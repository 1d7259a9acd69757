"""Reports of mail servers that a mail could not be delivered (RFC 3464)."""

import re
from dataclasses import dataclass
from email.message import Message
from email.utils import unquote

from chat_server.mail.inbound.received import Mail

_MOST_RECIPIENTS = 20
# The recipient does not exist, or gets no mail at all (RFC 3463). What others say of the mail, such as 5.7.1: whoever
# writes what is mailed could make a mail server refuse it.
_SAID = re.compile(r"smtp; *5\d\d[ -](5\.\d{1,3}\.\d{1,3})\b", re.IGNORECASE)
_NO_MAILBOX = re.compile(r"5\.(?:1\.(?:[0-6]|10)|2\.1)")


@dataclass(frozen=True, slots=True)
class Failure:
    """`status` is that of RFC 3463, such as 5.1.1; `reason` is what the server said."""

    status: str
    reason: str


def failure_in(message: Mail) -> Failure | None:
    """That a recipient gets no mail: the first such report. None if there is none: a delay is none, nor is a refusal
    of this mail."""
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks = part.get_payload()
        if isinstance(blocks, list):
            for block in blocks[: _MOST_RECIPIENTS + 1]:
                if isinstance(block, Message) and (failure := _failure(block)) is not None:
                    return failure
    return None


def _failure(block: Mail) -> Failure | None:
    if _field(block, "Action").lower() != "failed":
        return None
    status = _field(block, "Status").partition(" ")[0]
    if status == "5.0.0" and (said := _SAID.match(_field(block, "Diagnostic-Code"))) is not None:
        status = said[1]  # exim's reports have it there alone
    if _NO_MAILBOX.fullmatch(status) is None:
        return None
    reason = unquote(_field(block, "Diagnostic-Code")) or "the mail could not be delivered"
    return Failure(status, "".join(each for each in reason if each.isprintable())[:200])


def _field(block: Mail, name: str) -> str:
    return " ".join(str(block.get(name, "")).split())
