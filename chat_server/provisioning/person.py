"""What of a directory's user is acted upon here: the address and the name."""

import re
from dataclasses import dataclass
from typing import Any

from chat_server.identity.names import ADDRESS, PLAIN
from chat_server.sign_in.profiles import LONGEST_EMAIL, LONGEST_NAME

_EMAIL, _NAME = re.compile(ADDRESS), re.compile(rf"(?=\s*\S){PLAIN}")


@dataclass(frozen=True, slots=True)
class Described:
    email: str | None
    fullname: str


def described(user: Any) -> Described:
    """The primary address, or else the one for work, or else the first; without any, the user name if it is one."""
    given = [each for each in user.emails or [] if each.value]
    chosen = sorted(given, key=lambda each: (not each.primary, each.type != "work"))
    email = str(chosen[0].value) if chosen else user.user_name
    usable = email if len(email) <= LONGEST_EMAIL and _EMAIL.fullmatch(email) else None
    name = user.name
    names = (
        user.display_name,
        name and name.formatted,
        name and " ".join(part for part in (name.given_name, name.family_name) if part),
        user.user_name.partition("@")[0],
    )
    shown = (str(each or "").strip()[:LONGEST_NAME].strip() for each in names)
    return Described(usable, next((each for each in shown if _NAME.fullmatch(each)), "Somebody"))
