"""What of a directory's user is acted upon here: the address and the name."""

from dataclasses import dataclass
from typing import Any

from chat_server.sign_in.profiles import address_of, shown_name


@dataclass(frozen=True, slots=True)
class Described:
    email: str | None
    fullname: str


def described(user: Any) -> Described:
    """The primary address, or else the one for work, or else the first; without any, the user name if it is one."""
    given = [each for each in user.emails or [] if each.value]
    chosen = sorted(given, key=lambda each: (not each.primary, each.type != "work"))
    name = user.name
    fullname = shown_name(
        user.display_name,
        name and name.formatted,
        name and " ".join(part for part in (name.given_name, name.family_name) if part),
        user.user_name.partition("@")[0],
    )
    return Described(address_of(str(chosen[0].value) if chosen else user.user_name), fullname)
