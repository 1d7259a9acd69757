"""URLs, found in a text."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urljoin

from chat_core.outgoing.refused import Refused
from chat_core.outgoing.targets import LONGEST

MOST: Final = 5

# Neither blanks nor what surrounds a link in prose, Chinese punctuation included.
_URL: Final = re.compile(
    r"https?://[^\s<>\"'`\\^{}|\u3000-\u303f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uffef]+", re.I
)
_CODE: Final = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.S)
_AFTER: Final = ".,;:!?*_~"


def find(text: str) -> list[str]:
    """The first links of a text, each once and as it is written there. Those within code are not meant as links."""
    found = dict.fromkeys(_links(_CODE.sub(" ", text)))
    return list(found)[:MOST]


def _links(text: str) -> Iterator[str]:
    for match in _URL.finditer(text):
        if len(match[0]) > 2 * LONGEST:  # punctuation is taken off one by one, in quadratic time
            continue
        url = _without_punctuation(match[0])
        if len(url) <= LONGEST and len(url) > url.index("//") + 2:
            yield url


def _without_punctuation(url: str) -> str:
    """Without what belongs to the sentence: a full stop, or a bracket that is not opened in the URL."""
    while True:
        shorter = url.rstrip(_AFTER)
        for opening, closing in ("()", "[]"):
            if shorter.endswith(closing) and shorter.count(closing) > shorter.count(opening):
                shorter = shorter[:-1]
        if shorter == url:
            return url
        url = shorter


def joined(base: str, reference: str) -> str:
    """A URL relative to another one. Raises Refused."""
    try:
        return urljoin(base, reference.strip())
    except ValueError as error:
        raise Refused("It leads to something that is no URL.") from error
