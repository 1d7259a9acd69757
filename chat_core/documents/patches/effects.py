"""What a patch has read and written, recorded while it is applied, and whether two patches conflict.

An effect is `(type, path)`:

- `R` reads what is at and below the path: `test`, the source of `copy`, a `move` onto itself.
- `W` writes a member (added, replaced or removed) or replaces an element of an array.
- `S` inserts into the array at the path, or removes from it: every later element gets another index.
- `A` appends to the array at the path, by `-`.

Two patches whose effects do not conflict give the same document in either order, except for the order of members and of
appended elements. docs/pages/conflicts.md has the reasons.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

Effect = tuple[str, str]

_decoder: Final = msgspec.json.Decoder(list[tuple[str, str]])


def conflict(some: Iterable[Effect], others: Iterable[Effect]) -> bool:
    """Whether the order of two patches may matter: whether a path of one's effects is at or above one of the other's.

    Two reads do not conflict, nor do two appends to the same array. Takes time in proportion to the effects and their
    depth, so the effects of many patches may be given as one list.
    """
    some, others = list(some), list(others)
    return _above(some, others) or _above(others, some)


def touches_structure(effects: Iterable[Effect]) -> bool:
    """Whether a patch with these effects may have made a valid page invalid: see `structure`."""
    return any(True for _ in structure(effects))


def structure(effects: Iterable[Effect]) -> Iterator[list[str]]:
    """The paths, in parts, at which a patch with these effects may have made a valid page invalid.

    Not those below components' `props`, nor members that mean nothing to the server.
    """
    for kind, path in effects:
        if kind != "R":
            parts = path.split("/", 5)[1:]  # components, id, member, below, rest
            if _is_structure(parts):
                yield parts


def decoded(text: str | bytes) -> list[Effect]:
    """Effects as they are stored: `[["W","/components/7/name"]]`."""
    return _decoder.decode(text)


def _above(upper: list[Effect], lower: list[Effect]) -> bool:
    types: dict[str, set[str]] = {}
    for kind, path in upper:
        types.setdefault(path, set()).add(kind)
    for kind, path in lower:
        end = len(path)
        while end >= 0:
            found = types.get(path[:end])
            if found and not (found == {kind} and (kind == "R" or (kind == "A" and end == len(path)))):
                return True
            end = path.rfind("/", 0, end) if end else -1
    return False


_MEMBERS: Final = frozenset({"id", "name", "desc", "props", "parentId", "order", "children"})


def _is_structure(parts: list[str]) -> bool:
    if parts and parts[0] not in {"components", "rootId"}:
        return False
    return len(parts) < 3 or (parts[2] in _MEMBERS and (len(parts) == 3 or parts[2] != "props"))
