"""What is shown of a message that has been found: a part of its content, in pieces, of which some are what was asked
for. Pieces are plain text; nothing here is HTML."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from chat_server.search.analysis import MARK, normalised
from chat_server.search.terms import Span

# Characters before the first place and of the whole, about.
BEFORE = 60
LONGEST = 240

# What may become one character under NFKC stands together: a character with its marks, a Korean syllable in letters, a
# half-width one with its voice mark.
_CLUSTER = re.compile(rf".[{MARK}\u1160-\u11ff\uff9e\uff9f]*", re.DOTALL)


class Piece(NamedTuple):
    """Text as it stands in the message, and whether it is what was asked for."""

    text: str
    match: bool


def spans_of_content(content: str, spans: list[Span]) -> list[Span]:
    """The places in the content as it is, of those in its normalised form."""
    if content.isascii() or normalised(content) == content:
        return spans
    starts, ends = [], []  # by position in the normalised text: where its cluster begins and ends in the content
    for cluster in _CLUSTER.finditer(content):
        length = len(normalised(cluster[0]))
        starts += [cluster.start()] * length
        ends += [cluster.end()] * length
    if len(starts) != len(normalised(content)):  # characters that compose across clusters: none are known
        return []
    return [(starts[start], ends[end - 1]) for start, end in spans]


def snippet(content: str, spans: list[Span]) -> list[Piece]:
    """A part of the content with the first of these places, and what lies within it of the others."""
    begin, end = _window(content, spans[0][0] if spans else 0)
    return list(_pieces(content, [span for span in spans if span[0] < end], begin, end))


def _window(content: str, first: int) -> Span:
    begin = max(0, first - BEFORE)
    if begin > 0 and (space := re.search(r"\s", content[begin:first])):
        begin += space.end()
    end = min(len(content), begin + LONGEST)
    if end < len(content) and (space := re.search(r"\s\S*\Z", content[end - 30 : end])):
        end = end - 30 + space.start()
    return begin, max(end, first)


def _pieces(content: str, spans: list[Span], begin: int, end: int) -> Iterator[Piece]:
    at = begin
    for start, stop in spans:
        if start > at:
            yield Piece(content[at:start], False)
        yield Piece(content[start : min(stop, end)], True)
        at = min(stop, end)
    if at < end:
        yield Piece(content[at:end], False)
