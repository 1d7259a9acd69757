"""The packages of an installation, as far as this environment has them: those that are tested."""

import importlib.metadata
from collections.abc import Iterable

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def needed_by(requirements: Iterable[str]) -> dict[str, importlib.metadata.Distribution]:
    """The packages that these requirements (`httpx>=0.28`) resolve to on this machine, including themselves, by
    canonical name."""
    found: dict[str, importlib.metadata.Distribution] = {}
    for name, extras in direct(requirements):
        _add(name, extras, found)
    return found


def direct(requirements: Iterable[str], extras: Iterable[str] = ()) -> list[tuple[str, frozenset[str]]]:
    """Name and extras of those whose markers hold on this machine."""
    parsed = [Requirement(text) for text in requirements]
    return [
        (canonicalize_name(one.name), frozenset(one.extras))
        for one in parsed
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in ("", *extras))
    ]


def _add(name: str, extras: frozenset[str], found: dict[str, importlib.metadata.Distribution]) -> None:
    if name in found and not extras:
        return
    found[name] = importlib.metadata.distribution(name)
    for needed, wanted in direct(found[name].requires or (), extras):
        if needed not in found or wanted:
            _add(needed, wanted, found)
