"""What DiscordChatExporter writes of a message's text as our Markdown.

It replaces mentions by names, unless it was told not to (`--markdown false`), so both are read.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from fechatter.converters import texts

_RAW: Final = re.compile(
    r"<(?:@!?(\d+)|#(\d+)|@&(\d+)|a?:(\w{2,32}):\d+|t:(-?\d{1,12})(?::[tTdDfFRsS])?|/([^<>:\n]+):\d+)>"
)
_EVERYONE: Final = re.compile(r"(?<![\w@])@(everyone|here)(?!\w)")
_ADDRESS: Final = re.compile(r"<(https?://[^\s<>]+)>")


@dataclass(frozen=True)
class Markup:
    channels: Mapping[str, str]  # names by id
    prose: Callable[[str], str]


def markdown(text: str, mentioned: Mapping[str, str], markup: Markup) -> str:
    """`mentioned` are the people whom the export says that a message mentions: ids by the names that its text has."""
    names = sorted(filter(None, mentioned), key=len, reverse=True)
    named = re.compile("(?<![\\w@])@(" + "|".join(map(re.escape, names)) + r")(?!\w)") if names else None

    def prose(part: str) -> str:
        part = _RAW.sub(lambda found: _raw(found, markup), markup.prose(_ADDRESS.sub(r"\1", part)))
        if named:
            part = named.sub(lambda found: texts.mention(mentioned[found[1]]), part)
        return _EVERYONE.sub(lambda found: texts.mention_all(found[1] == "here"), part)

    return texts.outside_code(text, prose)


def _raw(found: re.Match[str], markup: Markup) -> str:
    person, channel, role, emoji, time, command = found.groups()
    if person:
        return texts.mention(person)
    if channel:
        return f"#{markup.channels.get(channel, channel)}"
    if role:
        return f"@{role}"
    if emoji:
        return markup.prose(f":{emoji}:")
    if command:
        return f"/{command}"
    try:
        return datetime.fromtimestamp(int(time), UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (ValueError, OverflowError, OSError):
        return found[0]
