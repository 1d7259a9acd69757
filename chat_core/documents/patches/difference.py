"""A patch from one document to another, for restoring a version and for showing what has changed."""

from typing import Any, Final

import msgspec

from .patch import Operation
from .pointers import token
from .values import equal

_encode: Final = msgspec.json.Encoder(order="sorted").encode

# How far down a difference is looked for: to single values; to whole components (`/components/7`); not at all.
_DEPTHS: Final = (1000, 2, 0)


def difference(old: Any, new: Any, most: int = 1000) -> list[Operation]:
    """A patch that makes `new` of `old`, up to the order of members, with at most `most` operations.

    It names what has changed as exactly as that many operations can: values; else whole components; else all at once.
    Of an array whose length has changed, it replaces what is between the elements that are equal at its beginning and
    its end. The patch shares values with `new`.
    """
    patch: list[Operation] = []
    for depth in _DEPTHS:
        patch = []
        _compare(old, new, "", depth, patch)
        if len(patch) <= most:
            break
    return patch


def _compare(old: Any, new: Any, path: str, depth: int, patch: list[Operation]) -> None:
    if type(old) in (dict, list) and _encode(old) == _encode(new):  # which finds most of a page the same, and quickly
        return
    if depth > 0 and type(old) is dict and type(new) is dict:
        patch.extend({"op": "remove", "path": f"{path}/{token(name)}"} for name in old if name not in new)
        for name, value in new.items():
            below = f"{path}/{token(name)}"
            if name in old:
                _compare(old[name], value, below, depth - 1, patch)
            else:
                patch.append({"op": "add", "path": below, "value": value})
    elif depth > 0 and type(old) is list and type(new) is list:
        _compare_arrays(old, new, path, depth, patch)
    elif not equal(old, new):
        patch.append({"op": "replace", "path": path, "value": new})


def _compare_arrays(old: list[Any], new: list[Any], path: str, depth: int, patch: list[Operation]) -> None:
    first, end = 0, 0
    if len(old) != len(new):
        shorter = min(len(old), len(new))
        while first < shorter and equal(old[first], new[first]):
            first += 1
        while end < shorter - first and equal(old[-1 - end], new[-1 - end]):
            end += 1
    common = min(len(old), len(new)) - end
    for at in range(first, common):
        _compare(old[at], new[at], f"{path}/{at}", depth - 1, patch)
    gone = range(common, len(old) - end)
    patch.extend({"op": "remove", "path": f"{path}/{at}"} for at in reversed(gone))
    come = range(common, len(new) - end)
    patch.extend({"op": "add", "path": f"{path}/{at}", "value": new[at]} for at in come)
