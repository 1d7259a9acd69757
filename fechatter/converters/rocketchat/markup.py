"""Rocket.Chat's markup as our Markdown: emphasis in single signs, mentions, quoting by a link without words."""

import re
from collections.abc import Callable
from typing import Final

from fechatter.converters import texts

_QUOTING: Final = re.compile(r"\[\s*\]\(https?://[^\s()]+\)[ \t]*\n?")
_BOLD: Final = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]+?)(?<=\S)\*(?![\w*])")
_STRUCK: Final = re.compile(r"(?<![\w~])~(?=[^\s~])([^~\n]+?)(?<=\S)~(?![\w~])")
_LINK: Final = re.compile(r"\[[^\[\]\n]*\]\([^\s()]*\)|https?://[^\s<>]+|<([^<>|\s]+)\|([^<>\n]*)>")
_MENTION: Final = re.compile(r"(?<![\w@/.+%-])@([A-Za-z0-9][A-Za-z0-9._-]*)")
_EVERYONE: Final = {"all": False, "here": True}


def markdown(text: str, person: Callable[[str], str | None], prose: Callable[[str], str]) -> str:
    return texts.outside_code(_QUOTING.sub("", text), lambda part: _prose(part, person, prose))


def _prose(text: str, person: Callable[[str], str | None], prose: Callable[[str], str]) -> str:
    """What is in addresses stays as it is."""
    done, pieces = 0, []
    for found in _LINK.finditer(text):
        pieces += [text[done : found.start()], texts.link(found[2], found[1]) if found[1] else found[0]]
        done = found.end()
    pieces.append(text[done:])
    joined = "".join(f"\0{at // 2}\0" if at % 2 else prose(piece) for at, piece in enumerate(pieces))
    joined = _STRUCK.sub(r"~~\1~~", _BOLD.sub(r"**\1**", joined))
    joined = _MENTION.sub(lambda found: _named(found, person), joined)
    return re.sub("\0([0-9]+)\0", lambda found: pieces[2 * int(found[1]) + 1], joined)


def _named(found: re.Match[str], person: Callable[[str], str | None]) -> str:
    name = found[1].lower()
    for end in range(len(name), 0, -1):
        if (known := person(name[:end])) is not None:
            return texts.mention(known) + found[1][end:]
        if name[:end] in _EVERYONE:
            return texts.mention_all(_EVERYONE[name[:end]]) + found[1][end:]
        if name[end - 1] not in "._-":
            break
    return found[0]
