"""Lists that fit into a message."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def pieces(items: Iterable[T], size: Callable[[T], int], most: int) -> Iterator[list[T]]:
    """The items in order, in lists whose sizes together are at most `most`. One that is too large is alone."""
    piece: list[T] = []
    together = 0
    for item in items:
        of_item = size(item)
        if piece and together + of_item > most:
            yield piece
            piece, together = [], 0
        piece.append(item)
        together += of_item
    if piece:
        yield piece
