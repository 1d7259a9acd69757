"""Mattermost's Markdown as ours: its mentions, links to channels, and emoji."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from fechatter.converters import texts
from fechatter.converters.converting import Json, objects

_MENTION: Final = re.compile(r"(?<![\w@/.+%-])@([A-Za-z0-9][A-Za-z0-9._-]*)")
_CHANNEL: Final = re.compile(r"(?<![\w~])~([a-z0-9][a-z0-9_-]*)(?!~)")
_EVERYONE: Final = {"all": False, "channel": False, "here": True}


def markdown(
    text: str,
    person: Callable[[str], str | None],
    is_channel: Callable[[str], bool],
    prose: Callable[[str], str],
) -> str:
    def named(found: re.Match[str]) -> str:
        name = found[1].lower()
        # A dot or a dash may end the sentence, or belong to the name.
        for end in range(len(name), 0, -1):
            if (known := person(name[:end])) is not None:
                return texts.mention(known) + found[1][end:]
            if name[:end] in _EVERYONE:
                return texts.mention_all(_EVERYONE[name[:end]]) + found[1][end:]
            if name[end - 1] not in "._-":
                break
        return found[0]

    def channel(found: re.Match[str]) -> str:
        return f"#{found[1]}" if is_channel(found[1]) else found[0]

    return texts.outside_code(text, lambda part: _CHANNEL.sub(channel, _MENTION.sub(named, prose(part))))


def attachment(given: Json, prose: Callable[[str], str]) -> str:
    """What an integration said in the shape of Slack's attachments, but in Markdown."""
    shown = "\n".join(filter(None, _lines(given)))
    pretext = texts.clean(given.get("pretext"))
    whole = "\n".join(filter(None, [pretext, texts.quoted(shown) if shown else ""]))
    return texts.outside_code(whole, prose)


def _lines(given: Json) -> Iterator[str]:
    yield texts.line(given.get("author_name"))
    title = texts.line(given.get("title"))
    yield f"**{texts.link(title, texts.clean(given.get('title_link')))}**" if title else ""
    text = texts.clean(given.get("text"))
    yield text
    for field in objects(given.get("fields")):
        yield f"**{texts.line(field.get('title'))}** {texts.clean(field.get('value'))}"
    if not title and not text:
        yield texts.clean(given.get("fallback"))
    yield texts.clean(given.get("image_url"))
    yield texts.line(given.get("footer"))
