"""What the converters' markups share: text that can be stored, mentions as parts of it, and code, which stays.

A markup puts marks where a mention is (`mention`), and `content` makes parts of them once the text is whole. The marks
are of Unicode's private use, and `clean` takes them out of what somebody wrote.
"""

import re
from collections.abc import Callable
from typing import Final

from fechatter.archives.records import Content, Mention
from fechatter.archives.texts import prose_of

_BEGIN, _END = "\ue000", "\ue001"
_MARK: Final = re.compile(f"{_BEGIN}([^{_END}]*){_END}")
_UNWANTED: Final = re.compile(f"[\x00{_BEGIN}{_END}]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_EVERYONE: Final = ("all", "here")

_SHORTCODE: Final = re.compile(r"(?<![\w&#/\\:]):([A-Za-z0-9_+-]{1,64}(?:::skin-tone-[2-6])?):(?![\w])")


def clean(given: object) -> str:
    """A text that can be stored; nothing of what is none."""
    if not isinstance(given, str):
        return ""
    return _SURROGATE.sub("\ufffd", _UNWANTED.sub("", given)).replace("\r\n", "\n")


def line(given: object) -> str:
    """A name: one line of it, without what cannot be seen; nothing of what is no text."""
    if isinstance(given, str) and given.isprintable() and " " not in given:
        return given
    return " ".join("".join(sign if sign.isprintable() else " " for sign in clean(given)).split())


def mention(who: str) -> str:
    """The mark of a mention: of a person's id, or of everyone."""
    return f"{_BEGIN}@{who}{_END}"


def mention_all(here: bool = False) -> str:
    return f"{_BEGIN}{_EVERYONE[here]}{_END}"


def mentioned(text: str) -> list[str]:
    """The ids of the people whom marks mention."""
    return [said[1:] for said in _MARK.findall(text) if said[0] == "@"]


def content(text: str, name_of: Callable[[str], str]) -> Content:
    """A text with marks as a message's content. In code nobody is mentioned: there names are text."""
    text = outside_code(text.strip("\n"), lambda prose: prose, lambda code: _MARK.sub(_named(name_of), code))
    parts: list[str | Mention] = []
    done = 0
    for found in _MARK.finditer(text):
        parts.append(text[done : found.start()])
        said = found[1]
        parts.append(
            Mention(person=said[1:]) if said[0] == "@" else Mention(everyone="here" if said == "here" else "all")
        )
        done = found.end()
    if not parts:
        return text
    return [part for part in (*parts, text[done:]) if part != ""]


def without_marks(text: str, name_of: Callable[[str], str]) -> str:
    return _MARK.sub(_named(name_of), text)


def _named(name_of: Callable[[str], str]) -> Callable[[re.Match[str]], str]:
    return lambda found: f"@{name_of(found[1][1:]) if found[1][0] == '@' else found[1]}"


def outside_code(text: str, prose: Callable[[str], str], code: Callable[[str], str] = lambda same: same) -> str:
    """A text of which the prose, and the code, were changed."""
    done, pieces = 0, []
    for start, part in prose_of(text):
        pieces += [code(text[done:start]), prose(part)] if start else [prose(part)]
        done = start + len(part)
    return "".join(pieces)


def with_emoji(text: str, emoji: Callable[[str], str | None]) -> str:
    """Prose in which `:names:` have become what they stand for; those that nobody knows stay as they are."""
    return _SHORTCODE.sub(lambda found: emoji(found[1]) or found[0], text)


def quoted(text: str) -> str:
    return "\n".join(f"> {each}" for each in text.split("\n"))


def link(label: str, address: str) -> str:
    """A link; without an address that may be linked, its label alone."""
    if not re.match(r"(?:https?://|mailto:)[^\s<>]+$", address):
        return label or address
    if not label or label in (address, address.removeprefix("mailto:")):
        return label or address
    return f"[{label}]({address.replace('(', '%28').replace(')', '%29')})"
