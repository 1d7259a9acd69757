"""Files that Rocket.Chat keeps in its database: GridFS, a collection of pieces."""

import io
from collections.abc import Callable
from typing import BinaryIO

from fechatter.archives.source import BadArchive
from fechatter.converters import texts
from fechatter.converters.exports import Export
from fechatter.converters.rocketchat import bson


class GridFs:
    """Where the pieces of each file are; read again when somebody wants the file. They may be in any order."""

    def __init__(self, export: Export, name: str) -> None:
        self._export = export
        self._name = name
        self._file = f"{name}.chunks.bson"
        self._sizes: dict[str, int] = {}
        self._pieces: dict[str, list[tuple[int, int, int]]] = {}  # number, place, length of the document
        if self._file in export:
            self._find()

    def path(self, key: str) -> str:
        """What a record calls a file: no name that a dump has."""
        return f"{self._export.whole(self._file)}/{texts.line(key)}"[:1024]

    def _find(self) -> None:
        place = 0
        with self._export.open(self._file) as opened:
            for document, length in bson.measured(opened, self._file):
                key, data, number = document.get("files_id"), document.get("data"), document.get("n")
                if isinstance(key, str) and isinstance(data, bytes) and isinstance(number, int):
                    path = self.path(key)
                    self._pieces.setdefault(path, []).append((number, place, length))
                    self._sizes[path] = self._sizes.get(path, 0) + len(data)
                place += length
        for pieces in self._pieces.values():
            pieces.sort()

    def size(self, path: str) -> int | None:
        return self._sizes.get(path)

    def open(self, path: str) -> BinaryIO:
        pieces = self._pieces[path]
        if [number for number, _, _ in pieces] != list(range(len(pieces))):
            raise BadArchive(f"{self._file}: a piece of {path.rpartition('/')[2]} is missing, or there twice")
        return io.BufferedReader(_Joined(lambda: self._export.open(self._file), pieces, self._file), 1 << 20)


class _Joined(io.RawIOBase):
    def __init__(self, opener: Callable[[], BinaryIO], pieces: list[tuple[int, int, int]], name: str) -> None:
        self._opener = opener
        self._opened = opener()
        self._pieces = iter(pieces)
        self._name = name
        self._at = 0
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = self._data(piece)
        taken = self._rest[: len(buffer)]
        buffer[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        return len(taken)

    def _data(self, piece: tuple[int, int, int]) -> bytes:
        _, place, length = piece
        if self._opened.seekable():
            self._opened.seek(place)
        else:
            self._skip_to(place)
        self._at = place + length
        for document in bson.documents(io.BytesIO(self._opened.read(length)), self._name):
            return bytes(document["data"])
        raise BadArchive(f"{self._name} is cut off")

    def _skip_to(self, place: int) -> None:
        """In a zip there is no way back but from the beginning: the pieces of a file are nearly always in order."""
        if place < self._at:
            self._opened.close()
            self._opened, self._at = self._opener(), 0
        while self._at < place:
            skipped = self._opened.read(min(1 << 20, place - self._at))
            if not skipped:
                raise BadArchive(f"{self._name} is cut off")
            self._at += len(skipped)

    def close(self) -> None:
        self._opened.close()
        super().close()
