"""The files that people bring to be imported: a zip, a tar, a folder or one file, read with limits.

Nothing is unpacked, so a name cannot lead anywhere; names that try to are refused all the same, since whoever made them
meant harm. What a zip says about sizes binds: `zipfile` reads no more of an entry than its stated size.
"""

import io
import tarfile
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, Final, Self, cast

MOST_ENTRIES: Final = 500_000
# How far a compressed entry may grow, beyond its first bytes. JSON of chats grows 5 to 30 times.
MOST_GROWTH: Final = 100
_GROWS_FREELY: Final = 10 << 20


class BadArchive(Exception):
    """What is wrong with an archive, for whoever brought it."""


class Source(ABC):
    """The entries of an archive by name: relative, with `/`. Only regular files are entries."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @abstractmethod
    def names(self) -> Iterator[str]:
        """All of them."""

    @abstractmethod
    def size(self, name: str) -> int | None:
        """How long an entry is, unpacked; None if there is no such entry."""

    @abstractmethod
    def open(self, name: str) -> BinaryIO:
        """Raises BadArchive if there is no such entry, or it is damaged."""

    def close(self) -> None:  # noqa: B027 - most have nothing to close
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_source(path: Path) -> Source:
    """Raises BadArchive."""
    try:
        if path.is_dir():
            return _Folder(path)
        with path.open("rb") as opened:
            head = opened.read(512)
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return _Zip(path)
        if head[257:262] == b"ustar":
            return _Tar(path)
        if head.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")):
            raise BadArchive(f"{path} is compressed as a whole: decompress it first (a zip may be as it is)")
        return _Single(path)
    except OSError as error:
        raise BadArchive(f"{path} cannot be read: {error.strerror or error}") from None


def checked_name(name: str) -> str:
    """Raises BadArchive for a name that could lead out of the archive."""
    parts = name.split("/")
    if (
        not name
        or name.startswith("/")
        or "\\" in name
        or "\0" in name
        or any(part in ("..", ".", "") for part in parts)
    ):
        raise BadArchive(f"the archive has an entry {name!r}: names are relative, with /, and without .. in them")
    return name


class _Zip(Source):
    def __init__(self, path: Path) -> None:
        super().__init__(path)
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise BadArchive(f"{path} is no readable zip: {error}") from None
        try:
            self._entries = _entries_of_zip(self._zip, path.stat().st_size)
        except BaseException:
            self._zip.close()
            raise

    def names(self) -> Iterator[str]:
        return iter(self._entries)

    def size(self, name: str) -> int | None:
        entry = self._entries.get(name)
        return entry.file_size if entry else None

    def open(self, name: str) -> BinaryIO:
        try:
            return cast(BinaryIO, Careful(self._zip.open(self._entries[name]), name))
        except KeyError:
            raise BadArchive(f"the archive has no entry {name!r}") from None
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:  # encrypted; an unknown compression
            raise BadArchive(f"entry {name!r} cannot be read: {error}") from None

    def close(self) -> None:
        self._zip.close()


def _entries_of_zip(opened: zipfile.ZipFile, size: int) -> dict[str, zipfile.ZipInfo]:
    entries: dict[str, zipfile.ZipInfo] = {}
    infos = opened.infolist()
    if len(infos) > MOST_ENTRIES:
        raise BadArchive(f"the archive has {len(infos):,} entries: at most {MOST_ENTRIES:,} are read")
    for info in infos:
        if info.is_dir():
            continue
        name = checked_name(_zip_name(info))
        if name in entries:
            raise BadArchive(f"the archive has two entries {name!r}")
        if info.file_size > _GROWS_FREELY + MOST_GROWTH * info.compress_size:
            raise BadArchive(
                f"entry {name!r} would grow from {info.compress_size:,} to {info.file_size:,} bytes: "
                f"more than {MOST_GROWTH} times is taken for an attack"
            )
        entries[name] = info
    whole = sum(info.file_size for info in entries.values())
    if whole > _GROWS_FREELY + MOST_GROWTH * size:
        raise BadArchive(
            f"the archive would grow from {size:,} to {whole:,} bytes: "
            f"more than {MOST_GROWTH} times is taken for an attack"
        )
    return entries


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Many write UTF-8 without the flag that says so, and Python takes it for an old DOS's characters."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode()
    except UnicodeError:
        return info.filename


class Careful(io.BufferedIOBase):
    """An entry that is decompressed as it is read. Whatever is wrong with its bytes is a BadArchive that names it."""

    def __init__(self, opened: IO[bytes], name: str) -> None:
        self._opened = opened
        self._name = name

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        with self._naming_damage():
            return self._opened.read(-1 if size is None else size)

    def readline(self, size: int | None = -1, /) -> bytes:
        with self._naming_damage():
            return self._opened.readline(-1 if size is None else size)

    @contextmanager
    def _naming_damage(self) -> Iterator[None]:
        try:
            yield
        except BadArchive:  # of what this is packed in
            raise
        except Exception as error:  # zlib, bz2 and lzma have no common kind of error
            raise BadArchive(f"entry {self._name!r} is damaged: {type(error).__name__}: {error}") from None

    def close(self) -> None:
        self._opened.close()
        super().close()


class _Tar(Source):
    def __init__(self, path: Path) -> None:
        super().__init__(path)
        try:
            self._tar = tarfile.open(path, "r:")  # noqa: SIM115 (close() closes it)
        except tarfile.TarError as error:
            raise BadArchive(f"{path} is no readable tar: {error}") from None
        self._entries: dict[str, tarfile.TarInfo] = {}
        try:
            for info in self._tar:
                name = info.name.removeprefix("./")
                if not info.isreg():
                    continue
                if info.issparse():
                    raise BadArchive(f"entry {name!r} is a sparse file: write the tar without --sparse")
                if checked_name(name) in self._entries:
                    raise BadArchive(f"the archive has two entries {name!r}")
                if len(self._entries) == MOST_ENTRIES:
                    raise BadArchive(f"the archive has more than {MOST_ENTRIES:,} entries")
                self._entries[name] = info
        except (tarfile.TarError, UnicodeError, ValueError) as error:
            self._tar.close()
            raise BadArchive(f"{path} is damaged: {error}") from None
        except BaseException:
            self._tar.close()
            raise

    def names(self) -> Iterator[str]:
        return iter(self._entries)

    def size(self, name: str) -> int | None:
        entry = self._entries.get(name)
        return entry.size if entry else None

    def open(self, name: str) -> BinaryIO:
        entry = self._entries.get(name)
        opened = self._tar.extractfile(entry) if entry else None
        if opened is None:
            raise BadArchive(f"the archive has no entry {name!r}")
        return cast(BinaryIO, opened)

    def close(self) -> None:
        self._tar.close()


class _Folder(Source):
    """Links are followed only inside of the folder."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._root = path.resolve()

    def names(self) -> Iterator[str]:
        for found in sorted(self._root.rglob("*")):
            name = PurePosixPath(found.relative_to(self._root)).as_posix()
            if self._inside(name):
                yield name

    def _inside(self, name: str) -> Path | None:
        found = (self._root / checked_name(name)).resolve()
        return found if found.is_relative_to(self._root) and found.is_file() else None

    def size(self, name: str) -> int | None:
        found = self._inside(name)
        return found.stat().st_size if found else None

    def open(self, name: str) -> BinaryIO:
        found = self._inside(name)
        if found is None:
            raise BadArchive(f"{self.path} has no file {name!r}")
        return _opened(found)


class _Single(Source):
    """One file, which is its only entry."""

    def names(self) -> Iterator[str]:
        yield self.path.name

    def size(self, name: str) -> int | None:
        return self.path.stat().st_size if name == self.path.name else None

    def open(self, name: str) -> BinaryIO:
        if name != self.path.name:
            raise BadArchive(f"{self.path} is a single file, and has no {name!r} beside it")
        return _opened(self.path)


def _opened(file: Path) -> BinaryIO:
    """Raises BadArchive."""
    try:
        return file.open("rb")
    except OSError as error:
        raise BadArchive(f"{file} cannot be read: {error.strerror or error}") from None
