"""Texts and names of archives as they are stored."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from chat_server.identity.names import PLAIN
from fechatter.archives.records import Content

# Stands on both sides of the number of a person whom a text mentions, until the person has a name here. It is no
# character (Unicode 23.7), so a text that has one loses it.
MARK: Final = "\ufdd0"
LONGEST: Final = 10_000
LONGEST_NAME: Final = 33  # with its @

_UNIT = re.compile(PLAIN.removesuffix("*"))
_PLAIN = re.compile(PLAIN)
_TOKEN = re.compile(f"({MARK}[0-9]+{MARK})")
_JOINS_BEFORE = re.compile(r"[A-Za-z0-9.+%/\\@-]_*\Z")
# After a name, one / or + connects the next mention to it (docs/mentions.md).
_CONNECTS = re.compile(r"(?<![A-Za-z0-9_.+%/\\@-])_*@[A-Za-z0-9][A-Za-z0-9._-]*(?<=[A-Za-z0-9_])[/+]_*\Z")
_JOINS_AFTER = re.compile(r"[A-Za-z0-9]")
# A fenced block up to its end or the text's, or a span between as many backticks.
_CODE = re.compile(
    r"(?ms)(^[ \t>]*(?P<fence>`{3,}(?=[^`\n]*$)|~{3,})[^\n]*$.*?(?:^[ \t>]*(?P=fence)[`~]*[ \t]*$|\Z))"
    r"|(?<!`)(?P<run>`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)(?P=run)(?!`)"
)


class UnknownPerson(Exception):
    """A text mentions a person of whom the archive has not told."""


def said(content: Content, people: Mapping[str, int]) -> tuple[str, list[int], str | None]:
    """The text with mentions as numbers, whom it mentions, and whether everyone."""
    if isinstance(content, str):
        return clean(content), [], None
    pieces: list[str] = []
    mentioned: list[int] = []
    everyone: str | None = None
    after_mention = connects = False
    for part in content:
        if isinstance(part, str):
            text = clean(part)
            connects = _CONNECTS.search(f"@x{text}" if after_mention else text) is not None
            pieces.append(f" {text}" if after_mention and _JOINS_AFTER.match(text) else text)
            after_mention = False if text else after_mention
            continue
        if pieces and (after_mention or (_JOINS_BEFORE.search(pieces[-1]) and not connects)):
            pieces.append(" ")
        if part.person is not None:
            if part.person not in people:
                raise UnknownPerson(part.person)
            mentioned.append(people[part.person])
            pieces.append(f"{MARK}{people[part.person]}{MARK}")
        elif part.everyone is not None:
            everyone = "all" if "all" in (part.everyone, everyone) else part.everyone
            pieces.append(f"@{part.everyone}")
        after_mention = True
    return "".join(pieces), mentioned, everyone


def clean(text: str) -> str:
    """Without what PostgreSQL cannot store, and without our own mark."""
    return text.replace("\0", "").replace(MARK, "") if "\0" in text or MARK in text else text


def pieces(text: str) -> Iterator[str]:
    """The text in pieces of at most 10,000 characters, however long names of mentions are, cut between words."""
    if len(text) <= LONGEST and MARK not in text:
        yield text
        return
    kept, length = "", 0
    for part in _TOKEN.split(text):
        cost = LONGEST_NAME if part.startswith(MARK) else len(part)
        if cost == LONGEST_NAME and part.startswith(MARK):
            if length + cost > LONGEST:
                yield kept
                kept, length = "", 0
            kept, length = kept + part, length + cost
            continue
        while length + len(part) > LONGEST:
            room = LONGEST - length
            cut = max(part.rfind("\n", 0, room), part.rfind(" ", 0, room)) + 1
            if cut < room // 2:
                cut = room if length == 0 or room > LONGEST // 2 else 0
            if kept + part[:cut]:
                yield kept + part[:cut]
            kept, length, part = "", 0, part[cut:]
        kept, length = kept + part, length + len(part)
    yield kept


def name_of(text: str, most: int, otherwise: str) -> str:
    """A name without invisible characters, at most `most` long."""
    name = clean(text).strip()
    while not _PLAIN.fullmatch(name):  # what was removed may have been what its neighbours needed
        name = "".join(unit[0] for unit in _UNIT.finditer(name))
    name = name.strip()[:most]
    while not _PLAIN.fullmatch(name):
        name = name[:-1]
    return name.strip() or otherwise


def prose_of(text: str) -> Iterator[tuple[int, str]]:
    """The prose before, between and after code, each with where it is; some of it may be empty."""
    done = 0
    if "`" in text or "~~~" in text:
        for found in _CODE.finditer(text):
            yield done, text[done : found.start()]
            done = found.end()
    yield done, text[done:]
