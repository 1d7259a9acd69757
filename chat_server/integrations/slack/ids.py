"""Slack's ids and timestamps, made of ours so that either can be read back: nothing is stored.

An id is a letter and our number in base 36, in ten digits or more: `C000000007` is chat 7. A message's `ts` is the
second in which it was posted and its number, in six digits or more: `1790000000.000042` is message 42.
"""

import re
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from chat_server.http.fields import LARGEST_ID

Letter = Literal["B", "C", "D", "F", "S", "T", "U", "W"]

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TS: Final = re.compile(r"([0-9]{1,12})\.([0-9]{6,19})")
# What may stand for a thing: a direct chat is D, and any other one C, or G in old programs; a user may be W.
_LETTERS: Final = {"chat": "CDG", "user": "UW", "bot": "B", "team": "T", "file": "F"}
# An id of Slack's has ten characters behind its letter; those of uploads are longer.
_UPLOAD_DIGITS: Final = 25

Named = Literal["chat", "user", "bot", "team", "file"]


def slack_id(letter: Letter, number: int) -> str:
    return letter + _base36(number).rjust(10, "0")


def number_of(kind: Named, given: object) -> int | None:
    """Our id; None if this is none of Slack's for such a thing."""
    if not isinstance(given, str) or not re.fullmatch(r"[A-Z][0-9A-Z]{10,13}", given):
        return None
    number = int(given[1:], 36)
    return number if given[0] in _LETTERS[kind] and 1 <= number <= LARGEST_ID else None


def upload_as_file(upload: UUID) -> str:
    """A file has no id before its bytes are there: this is that of its upload."""
    return "F" + _base36(upload.int).rjust(_UPLOAD_DIGITS, "0")


def upload_of(given: object) -> UUID | None:
    if not isinstance(given, str) or not re.fullmatch(rf"F[0-9A-Z]{{{_UPLOAD_DIGITS}}}", given):
        return None
    number = int(given[1:], 36)
    return UUID(int=number) if number < 1 << 128 else None


def ts_of(message: int, created_at: datetime | str) -> str:
    return f"{seconds_of(created_at)}.{message:06d}"


def message_of(ts: object) -> int | None:
    """The message's id; None if this is no `ts` of ours."""
    found = _TS.fullmatch(ts) if isinstance(ts, str) else None
    number = int(found[2]) if found else 0
    return number if 1 <= number <= LARGEST_ID else None


def seconds_of(time: datetime | str) -> int:
    return int((datetime.fromisoformat(time) if isinstance(time, str) else time).timestamp())


def place_in_time(ts: str) -> tuple[int, int] | None:
    """Whatever stands for a time, as what `ts` are compared by: a `ts` of ours, or seconds."""
    found = re.fullmatch(r"([0-9]{1,12})(?:\.([0-9]{0,19}))?", ts)
    return (int(found[1]), int(found[2] or 0)) if found else None


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
        if not number:
            return digits
