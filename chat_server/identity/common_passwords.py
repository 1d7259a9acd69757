"""Passwords that anyone would guess first, which are refused as new ones (NIST SP 800-63B, 5.1.1.2).

`common_passwords.txt.gz` has those of at least 8 characters among the 20,000 commonest of leaked passwords, folded as
below, sorted, one a line. Royce Williams made the list from Pwned Passwords
(https://gist.github.com/roycewilliams/226886fd01572964e1431ac8afc999ce); it is taken from Django 5.2
(django/contrib/auth/common-passwords.txt.gz), whose licence is beside it.
"""

import gzip
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("common_passwords.txt.gz")


def weakness(password: str, own: Iterable[str | None]) -> str | None:
    """What would be expected instead of this password, or None if it may be used. `own` are the address and names of
    its account."""
    folded = _folded(password)
    if folded in _common():
        return "a password that is not among the commonest ones, which are guessed first"
    if folded in {_folded(name) for name in own if name}:
        return "a password that is not the account's own address or name"
    return None


@cache
def _common() -> frozenset[str]:
    return frozenset(gzip.decompress(_FILE.read_bytes()).decode().split("\n"))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
