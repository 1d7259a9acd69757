"""Zulip's Markdown as ours (https://zulip.com/help/format-your-message-using-markdown)."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

from fechatter.converters import texts

_TOKEN: Final = re.compile(r"(@_?|#)\*\*([^*\n]+)\*\*|(@_?)\*([^*\n]+)\*|<time:([^<>\n]{1,100})>")
_UPLOAD: Final = re.compile(r"!?\[([^\[\]\n]*)\]\((?:https?://[^/\s()]+)?/user_uploads/([^\s()]+)\)")
_FENCE: Final = re.compile(r"^(`{3,}|~{3,})[ \t]*(quote|spoiler)[ \t]*([^\n]*)$")
_EVERYONE: Final = ("all", "everyone", "channel", "stream")
_SIGNS: Final = re.compile(r"([\\`*_~\[\]|])")
DEEPEST: Final = 9


@dataclass(frozen=True)
class Markup:
    people: Mapping[str, str]  # ids by full name
    ids: Collection[str]
    prose: Callable[[str], str]


def markdown(text: str, markup: Markup) -> str:
    return texts.outside_code(
        _blocks(text, 0), lambda part: _TOKEN.sub(lambda found: _token(found, markup), markup.prose(part))
    )


def without_uploads(text: str) -> tuple[str, list[str]]:
    """A text without its links to uploaded files, and where these are: here a message has them beside its text."""
    paths: list[str] = []

    def taken(found: re.Match[str]) -> str:
        paths.append(found[2])
        return ""

    left = texts.outside_code(text, lambda part: _UPLOAD.sub(taken, part))
    return (left.strip() if paths else left), paths


def as_text(title: str) -> str:
    """A title that looks as it is, whatever signs it has."""
    return _SIGNS.sub(r"\\\1", title)


def _blocks(text: str, depth: int) -> str:
    """Blocks of quotes, and hidden ones, which are not in our grammar; they may be in one another."""
    if ("quote" not in text and "spoiler" not in text) or depth >= DEEPEST:
        return text
    lines, at, found = text.split("\n"), 0, list[str]()
    while at < len(lines):
        fence = _FENCE.match(lines[at])
        if not fence:
            found.append(lines[at])
            at += 1
            continue
        end = at + 1
        while end < len(lines) and lines[end].rstrip() != fence[1]:
            end += 1
        inside = _blocks("\n".join(lines[at + 1 : end]), depth + 1).strip("\n")
        if fence[2] == "spoiler":
            title = fence[3].strip()
            found += [title] if title else []
            found += [f"||{line}||" if line.strip() else "" for line in inside.split("\n")]
        else:
            found += texts.quoted(inside).split("\n")
            if end + 1 < len(lines) and lines[end + 1].strip():
                found.append("")  # or the next line would go on with the quote
        at = end + 1
    return "\n".join(found)


def _token(found: re.Match[str], markup: Markup) -> str:
    sign, name, group_sign, group, time = found.groups()
    if time:
        return str(time)
    if group_sign:
        return f"@{group}"
    name, _, key = name.partition("|")
    if sign == "#":
        channel, _, topic = name.partition(">")
        topic = re.sub(r"@\d+$", "", topic)
        return f"#{channel}" + (f" › {topic}" if topic else "")
    if sign == "@" and name.lower() in _EVERYONE:
        return texts.mention_all()
    person = key if key in markup.ids else markup.people.get(name)
    # A silent one names somebody, and tells them nothing.
    return texts.mention(person) if person and sign == "@" else f"@{name}" if sign == "@" else name
