"""Emoji of other systems as ours: characters for those that everybody has, `:name:` for a workspace's own."""

import re
from typing import Final

from chat_server.integrations.slack.texts.emoji import emoji_of

MOST: Final = 500  # as in a workspace
_OTHER_SIGNS: Final = re.compile(r"[^a-z0-9_+-]+")


class EmojiNames:
    """The custom emoji of one export, by the names that they have there."""

    def __init__(self) -> None:
        self._ours: dict[str, str] = {}  # aliases among them
        self._taken: set[str] = set()

    def add(self, name: str) -> str | None:
        """The name that a custom emoji gets here; None if it cannot be told from another, or there are too many."""
        wanted = our_name(name)
        if not wanted or standard(wanted) or wanted in self._taken or len(self._taken) >= MOST:
            return None
        self._ours[name] = wanted
        self._taken.add(wanted)
        return wanted

    def known_as(self, alias: str, name: str) -> None:
        """Another name of one that was added."""
        if name in self._ours:
            self._ours[alias] = self._ours[name]

    def of(self, name: str) -> str | None:
        """What a name between colons stands for; None if nobody knows."""
        if name in self._ours:
            return f":{self._ours[name]}:"
        return standard(name)


def our_name(name: str) -> str:
    return _OTHER_SIGNS.sub("_", name.lower())[:50].strip("_" if name.strip("_") else "")


def standard(name: str) -> str | None:
    found = emoji_of(name)
    return None if found.startswith(":") else found


def of_code_points(code: str) -> str | None:
    """`1f1e9-1f1ea` as the flag that it is."""
    try:
        signs = [int(part, 16) for part in code.split("-")]
    except ValueError:
        return None
    if not 1 <= len(signs) <= 12 or not all(0x23 <= sign < 0x110000 and not 0xD800 <= sign < 0xE000 for sign in signs):
        return None
    return "".join(map(chr, signs))
