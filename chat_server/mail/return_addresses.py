"""The addresses to which replies and reports of bounces come: that of the settings, with who it is for and a mark that
only the private key makes of it. A token is good for one account's address: after a change of it all are over.

A server on the way may write addresses in lower case, so a token has no upper case; a local part is at most 64
characters.
"""

import secrets
import time
from base64 import b32encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal

from chat_core.tokens import Signer

# How long one may reply to a mail.
REPLY_DAYS: Final = 30
_DAY: Final = 86_400
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_MARK_LENGTH: Final = 20  # of 5 bits each

Purpose = Literal["r", "b"]


@dataclass(frozen=True, slots=True)
class ReturnAddress:
    """A reply (`r`) is to a chat, or to a thread in it, until a day; a bounce (`b`) says only whom the mail was for.
    0: none."""

    purpose: Purpose
    user_id: int
    chat_id: int = 0
    thread_id: int = 0
    day: int = 0
    mark: str = ""

    @property
    def is_over(self) -> bool:
        return self.purpose == "r" and self.day < time.time() // _DAY

    def is_of(self, signer: Signer, email: str) -> bool:
        """Whether this server has made it for the account while it had this address."""
        return secrets.compare_digest(self.mark, _mark(signer, self, email))


def reply_address(signer: Signer, base: str, user_id: int, email: str, chat_id: int, thread_id: int) -> str:
    day = int(time.time() // _DAY) + REPLY_DAYS
    return _written(signer, base, ReturnAddress("r", user_id, chat_id, thread_id, day), email)


def bounce_address(signer: Signer, base: str, user_id: int, email: str) -> str:
    return _written(signer, base, ReturnAddress("b", user_id), email)


def read(base: str, address: str) -> ReturnAddress | None:
    """None for an address that is none of this server's. Whether it is genuine, `is_of` says."""
    own, _, own_domain = base.lower().rpartition("@")
    local, _, domain = address.lower().rpartition("@")
    prefix, plus, token = local.partition("+")
    if domain != own_domain or prefix != own or not plus or not token.isascii():
        return None
    fields = token.split("-")
    if fields[0] == "r" and len(fields) == 6:
        numbers = [_number(field) for field in fields[1:5]]
        if None not in numbers:
            user, chat, thread, day = (number or 0 for number in numbers)
            return ReturnAddress("r", user, chat, thread, day, fields[5])
    if fields[0] == "b" and len(fields) == 3 and (user_id := _number(fields[1])) is not None:
        return ReturnAddress("b", user_id, mark=fields[2])
    return None


def _written(signer: Signer, base: str, address: ReturnAddress, email: str) -> str:
    local, _, domain = base.rpartition("@")
    numbers = [address.user_id]
    if address.purpose == "r":
        numbers += [address.chat_id, address.thread_id, address.day]
    return f"{local}+{address.purpose}-{'-'.join(map(_short, numbers))}-{_mark(signer, address, email)}@{domain}"


def _mark(signer: Signer, address: ReturnAddress, email: str) -> str:
    said = (address.purpose, address.user_id, address.chat_id, address.thread_id, address.day, email.lower())
    secret = signer.secret_of(f"mail return {' '.join(map(str, said))}")
    return b32encode(sha256(secret.encode()).digest()).decode().lower()[:_MARK_LENGTH]


def _short(number: int) -> str:
    """In base 36."""
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"


def _number(text: str) -> int | None:
    if not text or len(text) > 12 or not set(text) <= set(_DIGITS):
        return None
    return int(text, 36)
