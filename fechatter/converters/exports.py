"""The names in an export, below the folder in which all of it lies: many have one around them."""

from bisect import bisect_left
from typing import BinaryIO

from fechatter.archives.source import BadArchive, Source


class Export:
    def __init__(self, source: Source) -> None:
        self.source = source
        self._names = sorted(name for name in source.names() if not _is_litter(name))
        self._known = frozenset(self._names)
        self._base = ""

    def move_to(self, *marks: str) -> None:
        """Makes the outermost folder with one of these files the one that names begin in. Raises BadArchive."""
        found = [name for name in self._names if name.rpartition("/")[2] in marks]
        if not found:
            some = ", ".join(self._names[:5]) or "nothing"
            more = ", …" if len(self._names) > 5 else ""
            raise BadArchive(f"{self.source.path}: expected {' or '.join(marks)} in it; found {some}{more}")
        folder = min(found, key=lambda name: (name.count("/"), name)).rpartition("/")[0]
        self._base = f"{folder}/" if folder else ""

    def __contains__(self, name: str) -> bool:
        return self._base + name in self._known

    def names(self, below: str = "") -> list[str]:
        """Those that start so, in alphabetical order."""
        start = self._base + below
        first = bisect_left(self._names, start)
        return [name[len(self._base) :] for name in self._names[first : self._end(start, first)]]

    def _end(self, start: str, first: int) -> int:
        return bisect_left(self._names, True, lo=first, key=lambda name: not name.startswith(start))

    def whole(self, name: str) -> str:
        """The name as the source has it."""
        return self._base + name

    def open(self, name: str) -> BinaryIO:
        return self.source.open(self._base + name)


def _is_litter(name: str) -> bool:
    """What macOS and Windows leave in folders."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2] in (".DS_Store", "Thumbs.db", "desktop.ini")
