"""JSON values: equality as RFC 6902 has it, copies, bounds."""

from typing import Any, Final

# A browser rounds integers beyond it, and all floats beyond it are integers (RFC 7493, 2.2).
SAFE: Final = 2**53 - 1


class TooDeep(ValueError):
    """A value has more levels of objects and arrays than there is room for."""


def equal(one: Any, other: Any) -> bool:
    """Whether two values are the same: 1 and 1.0 are, 1 and true are not, and the order of members is nothing."""
    # Python's == is faster and only takes more for equal: True for 1.
    return bool(one == other) and _same_types(one, other)


def _same_types(one: Any, other: Any) -> bool:
    kind = type(one)
    if kind is dict:
        return type(other) is dict and all(_same_types(value, other[name]) for name, value in one.items())
    if kind is list:
        return type(other) is list and all(map(_same_types, one, other))
    return (kind is bool) == (type(other) is bool)


def taken(value: Any, levels: int) -> Any:
    """A copy of a value that a document may take in.

    Raises TooDeep if it has more than `levels` levels, ValueError with a reason if JavaScript could not hold it: a
    member `__proto__`, a number beyond 2^53 - 1 (a browser would round it).
    """
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return value
    if kind is int or kind is float:
        if not -SAFE <= value <= SAFE:  # NaN too
            raise ValueError("browsers do not keep numbers beyond 2^53 - 1 exactly: send a string")
        return value
    if levels <= 0:
        raise TooDeep
    if kind is list:
        return [taken(item, levels - 1) for item in value]
    if kind is not dict:
        raise ValueError(f"{kind.__name__} is not JSON")
    if "__proto__" in value:
        raise ValueError("no member may be called __proto__")
    return {name: taken(item, levels - 1) for name, item in value.items()}


def depth(value: Any) -> int:
    """How many levels of objects and arrays a value has: 0 for a string, 1 for []."""
    kind = type(value)
    if kind is dict:
        return 1 + max(map(depth, value.values()), default=0)
    if kind is list:
        return 1 + max(map(depth, value), default=0)
    return 0
