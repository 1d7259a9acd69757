"""Properties of a message that a query may ask for, as tokens: a word and a colon, which no text has."""

import re
from collections.abc import Iterator, Sequence

_LINK = re.compile(r"\bhttps?://[^\s<>\"]", re.IGNORECASE)


def has_link(content: str) -> bool:
    return "://" in content and _LINK.search(content) is not None


def has_code(content: str) -> bool:
    """Whether something stands between backquotes."""
    return content.count("`") >= 2


def has_file(kind: str, file_types: Sequence[str] | None) -> bool:
    """`file_types`: the media types of the message's files, null if it has none."""
    return kind == "file" or bool(file_types)


def has_image(kind: str, file_types: Sequence[str] | None) -> bool:
    return kind == "image" or any(media_type.startswith("image/") for media_type in file_types or ())


def facets(
    sender_id: int,
    kind: str,
    content: str,
    mentions: Sequence[int] | None,
    everyone: str | None,
    file_types: Sequence[str] | None,
) -> Iterator[str]:
    """The tokens of a message beside those of its text."""
    yield f"from:{sender_id}"
    for user_id in mentions or ():
        yield f"mentions:{user_id}"
    if everyone:
        yield "mentions:everyone"
    if has_link(content):
        yield "has:link"
    if has_code(content):
        yield "has:code"
    if has_file(kind, file_types):
        yield "has:file"
    if has_image(kind, file_types):
        yield "has:image"
