"""Entries of a directory, and what one says of a person."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chat_core.settings import LdapDirectory

# MS-ADTS 2.2.16: the account cannot sign in.
ACCOUNT_DISABLED = 0x2
# Active Directory counts intervals of 100 ns since 1601; these two mean never.
_WINDOWS_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_NEVER = (0, 0x7FFF_FFFF_FFFF_FFFF)
# draft-behera-ldap-password-policy, 5.3.3: locked by an administrator. Any other time is a lock after wrong guesses,
# which anybody can cause and which ends by itself.
LOCKED_FOR_GOOD = "000001010000Z"
STATES = ("userAccountControl", "accountExpires", "pwdAccountLockedTime", "nsAccountLock")


class DirectoryUnavailable(Exception):
    """No server of the directory can be asked, or its answer cannot be used. The text says why, without secrets."""


class Entry:
    """What a search has found: its distinguished name, and its attributes, whose names ignore case."""

    def __init__(self, dn: str, attributes: Mapping[str, Sequence[bytes]]) -> None:
        self.dn = dn
        self._values = {name.lower(): tuple(values) for name, values in attributes.items()}

    def values(self, name: str) -> tuple[bytes, ...]:
        return self._values.get(name.lower(), ())

    def texts(self, name: str) -> list[str]:
        """Values that are not text are left out."""
        return [text for value in self.values(name) if (text := _text(value)) is not None]

    def is_partial(self, name: str) -> bool:
        """Whether the server has given a range of the values alone."""
        return any(each.startswith(f"{name.lower()};range=") for each in self._values)


def _text(value: bytes) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


@dataclass(frozen=True, slots=True)
class DirectoryPerson:
    """`subject` is the entry's permanent id; its distinguished name changes with a marriage or a move. `groups` are
    those that the settings name and that the person is in; None if that is not known."""

    dn: str
    subject: str
    name: str
    email: str
    is_disabled: bool
    member_of: tuple[str, ...] = ()
    uids: tuple[str, ...] = ()
    groups: frozenset[str] | None = None


def person(entry: Entry, settings: LdapDirectory) -> DirectoryPerson:
    """Raises DirectoryUnavailable for an entry without an id: whose it is cannot be said."""
    names = [text.strip() for attribute in settings.name for text in entry.texts(attribute)]
    emails = [text.strip() for text in entry.texts(settings.email)]
    return DirectoryPerson(
        entry.dn,
        _subject(entry, settings.id),
        next((name for name in names if name), ""),
        next((email for email in emails if email), ""),
        _is_disabled(entry, datetime.now(UTC)),
        tuple(entry.texts("memberOf")),
        tuple(entry.texts("uid")),
    )


def _subject(entry: Entry, attribute: str) -> str:
    values = entry.values(attribute)
    if len(values) != 1 or not values[0]:
        raise DirectoryUnavailable(f"{entry.dn} has no single {attribute} that bind_dn may read")
    if attribute.lower() == "objectguid":
        if len(values[0]) != 16:
            raise DirectoryUnavailable(f"{entry.dn} has an objectGUID that is not 16 bytes long")
        return str(uuid.UUID(bytes_le=values[0]))
    text = entry.texts(attribute)
    if not text or len(text[0]) > 255 or "\0" in text[0]:
        raise DirectoryUnavailable(f"{entry.dn} has a {attribute} that is not a short text")
    return text[0]


def _is_disabled(entry: Entry, now: datetime) -> bool:
    control, expires = (_number(entry, name) for name in STATES[:2])
    return (
        bool(control & ACCOUNT_DISABLED)
        or _has_expired(expires, now)
        or LOCKED_FOR_GOOD in entry.texts("pwdAccountLockedTime")
        or "true" in [text.lower() for text in entry.texts("nsAccountLock")]
    )


def _number(entry: Entry, name: str) -> int:
    try:
        return int(next(iter(entry.texts(name)), "0"))
    except ValueError:
        return 0


def _has_expired(expires: int, now: datetime) -> bool:
    if expires in _NEVER or expires < 0:
        return False
    try:
        return _WINDOWS_EPOCH + timedelta(microseconds=expires // 10) <= now
    except OverflowError:
        return False
