"""What a mail may cost to read: decided by its bytes, before any parser sees it.

The parser of email is quadratic in nested parts and in long parameters, and reads each line by itself. A photo is
megabytes of base64, which is taken out before, and put back where a part is decoded.
"""

import re
from typing import Final

_MOST_ENCODED_LINES: Final = 20  # that stay where they are
_MOST_LINES: Final = 150_000  # 10 MiB in lines of base64 are 140,000
_MOST_LINES_READ: Final = 20_000
_MOST_BYTES_READ: Final = 512 * 1024
_MOST_NESTED: Final = 24
_LONGEST_PARAMETERS: Final = 4_000

_ENCODED: Final = re.compile(rb"[A-Za-z0-9+/]{60,76}={0,2}")
_NESTED: Final = re.compile(rb"boundary|content-type:\s*message/", re.IGNORECASE)
# Stands for what was taken out, by its number in binary: none of it is base64, nor in a mail.
_MARK: Final = re.compile(r"\0([\1\2]+)\n?")
_DIGITS: Final = str.maketrans("01", "\1\2")
_PARAMETERS: Final = re.compile(
    rb"^content-(?:type|disposition):[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE
)


class TooCostly(Exception):
    """The text says what there is too much of."""


def readable(raw: bytes) -> tuple[bytes, list[str]]:
    """The mail without the most of its base64, its lines ended by \\n; and what was taken out. Raises TooCostly."""
    raw = raw.replace(b"\0", b"").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if raw.count(b"\n") > _MOST_LINES:
        raise TooCostly("too many lines")
    kept: list[bytes] = []
    taken: list[list[bytes]] = []
    encoded = 0
    for line in raw.split(b"\n"):
        encoded = encoded + 1 if len(line) >= 60 and _ENCODED.fullmatch(line) else 0
        if encoded <= _MOST_ENCODED_LINES:
            kept.append(line)
            continue
        if encoded == _MOST_ENCODED_LINES + 1:
            kept.append(b"\0" + f"{len(taken):b}".translate(_DIGITS).encode())
            taken.append([])
        taken[-1].append(line)
    if len(kept) > _MOST_LINES_READ:
        raise TooCostly("too many lines")
    raw = b"\n".join(kept)
    if len(raw) > _MOST_BYTES_READ:
        raise TooCostly("too much text")
    if sum(1 for _ in _NESTED.finditer(raw)) > _MOST_NESTED:
        raise TooCostly("too many parts in parts")
    if any(len(found[0]) > _LONGEST_PARAMETERS for found in _PARAMETERS.finditer(raw)):
        raise TooCostly("too long a header")
    return raw, [b"\n".join(lines).decode() + "\n" for lines in taken]


def restored(text: str, taken: list[str]) -> str:
    """A part of such a mail as it was."""
    return _MARK.sub(lambda found: taken[int("".join("01"[mark == "\2"] for mark in found[1]), 2)], text)
