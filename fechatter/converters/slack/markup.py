"""Slack's mrkdwn as our Markdown (https://docs.slack.dev/messaging/formatting-message-text)."""

import re
from collections.abc import Callable
from typing import Final

from chat_server.integrations.slack.texts.payloads import plain
from fechatter.converters import texts

_CODE: Final = re.compile(r"(```.*?```|`[^`\n]+`)", re.DOTALL)
_TOKEN: Final = re.compile(r"<([^<>|\n]+)(?:\|([^<>\n]*))?>")
_MENTION: Final = re.compile(r"<(@[A-Za-z0-9]+|!here|!channel|!everyone)(?:\|[^<>\n]*)?>")
_CHANNEL: Final = re.compile(r"<#([A-Za-z0-9]+)(?:\|([^<>\n]*))?>")
_BOLD: Final = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])")
_STRUCK: Final = re.compile(r"(?<![\w~])~(?=\S)([^~\n]+?)(?<=\S)~(?![\w~])")
_EVERYONE: Final = {"!here": True, "!channel": False, "!everyone": False}


def markdown(text: str, channel_of: Callable[[str], str | None], prose: Callable[[str], str]) -> str:
    """`channel_of` gives the name of a channel by its id; `prose` is applied to what is neither code nor a link."""
    pieces: list[str] = []
    for part in _CODE.split(texts.clean(text)):
        if part.startswith("`"):
            before = "".join(pieces[-1:])
            pieces.append(_code(part, before))
        elif part:
            # What follows a block begins a line, as the block's last one ends one.
            after_block = bool(pieces) and pieces[-1].endswith("\n```")
            part = part if not after_block or part.startswith("\n") else "\n" + part
            pieces.append(_prose(part, channel_of, prose))
    return "".join(pieces)


def _code(part: str, before: str) -> str:
    """A block of several lines has its fences on lines of their own here."""
    part = _TOKEN.sub(_in_code, part)
    if not part.startswith("```") or "\n" not in part:
        return plain(part)
    inside = plain(part[3:-3]).removeprefix("\n").removesuffix("\n")
    start = "" if not before or before.endswith("\n") else "\n"
    return f"{start}```\n{inside}\n```"


def _in_code(found: re.Match[str]) -> str:
    """Slack marks links and people in code, too."""
    target, label = found[1], found[2]
    if target.startswith("@"):
        return texts.mention(target[1:])
    return label or target


def _prose(text: str, channel_of: Callable[[str], str | None], prose: Callable[[str], str]) -> str:
    pieces, done = [], 0
    for found in _TOKEN.finditer(text):
        pieces += [text[done : found.start()], _token(found[1], found[2] or "", channel_of)]
        done = found.end()
    pieces.append(text[done:])
    # Emphasis may be around links, so it is looked for in the whole; a link keeps its marks.
    joined = "".join(f"\0{place // 2}\0" if place % 2 else prose(piece) for place, piece in enumerate(pieces))
    joined = _plain(_STRUCK.sub(r"~~\1~~", _BOLD.sub(r"**\1**", joined)))
    return re.sub("\0([0-9]+)\0", lambda found: pieces[2 * int(found[1]) + 1], joined)


def _plain(text: str) -> str:
    """Without entities, and with the places of tokens, which `plain` would remove."""
    return "\0".join(plain(part) for part in text.split("\0"))


def _token(target: str, label: str, channel_of: Callable[[str], str | None]) -> str:
    label = plain(label)
    kind, rest = target[0], target[1:]
    if kind == "@":
        return texts.mention(rest)
    if kind == "#":
        name = label or channel_of(rest) or rest
        return f"#{name}"
    if kind == "!":
        if target in _EVERYONE:
            return texts.mention_all(_EVERYONE[target])
        return label or rest.partition("^")[2] or rest
    return texts.link(label, plain(target))


def marked(given: object, channel_of: Callable[[str], str | None]) -> object:
    """The same JSON in which mentions are marks, and channels have names: what attachments and blocks are made of."""
    if isinstance(given, str):
        named = _CHANNEL.sub(lambda found: f"#{found[2] or channel_of(found[1]) or found[1]}", texts.clean(given))
        return _MENTION.sub(_mark, named)
    if isinstance(given, dict):
        return {key: marked(value, channel_of) for key, value in given.items()}
    return [marked(each, channel_of) for each in given] if isinstance(given, list) else given


def _mark(found: re.Match[str]) -> str:
    return texts.mention(found[1][1:]) if found[1][0] == "@" else texts.mention_all(_EVERYONE[found[1]])
