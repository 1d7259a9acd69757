"""Ranges (RFC 9110, section 14) of content that never changes."""

import re
from dataclasses import dataclass

_RANGE = re.compile(r"bytes=\s*(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))\s*", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    start: int
    length: int


class Unsatisfiable(Exception):
    """The range begins beyond the end."""


def span(header: str | None, if_range: str | None, etag: str, size: int) -> Span | None:
    """The one range that is to be sent; None for the whole. Several ranges, other units and a range of another
    version are ignored, as the RFC allows. Raises Unsatisfiable."""
    if header is None or (if_range is not None and if_range.strip() != etag):
        return None
    found = _RANGE.fullmatch(header)
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        length = min(int(suffix), size)
        if length == 0:
            raise Unsatisfiable
        return Span(size - length, length)
    start, end = int(first), int(last) if last else size - 1
    if last and end < start:
        return None
    if start >= size:
        raise Unsatisfiable
    return Span(start, min(end, size - 1) - start + 1)
