"""The text of files, whose words are found by search: plain text, and office files, which are XML in a zip archive."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, cast
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

from chat_server.media.refused import Refused

MOST_CHARACTERS: Final = 200_000
# Unpacked, of all parts together: what an archive says of itself may be a lie.
_MOST_BYTES: Final = 32 << 20
_PART: Final = 1 << 16
# Where Word, Excel, PowerPoint and OpenDocument keep what people have written.
_TEXTS: Final = ("word/document.xml", "xl/sharedStrings.xml", "ppt/slides/slide", "content.xml")
_MOST_ENTRIES: Final = 10_000


def plain(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(4 * MOST_CHARACTERS).decode(errors="replace")[:MOST_CHARACTERS]


def office(path: Path) -> str:
    """Empty for an archive of something else. Raises Refused."""
    try:
        with ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > _MOST_ENTRIES:
                raise Refused(f"The archive has more than {_MOST_ENTRIES} entries.")
            names = sorted(entry.filename for entry in entries if entry.filename.startswith(_TEXTS))
            return _text(archive, names)
    except (BadZipFile, NotImplementedError, RuntimeError, ElementTree.ParseError, OSError) as error:
        raise Refused(f"It cannot be read: {error}.") from error


def _text(archive: ZipFile, names: list[str]) -> str:
    pieces: list[str] = []
    characters, unpacked = 0, 0
    for name in names:
        with archive.open(name) as part:
            for size, piece in _pieces(part):
                unpacked += size
                if unpacked > _MOST_BYTES:
                    raise Refused(f"Unpacked, it is larger than {_MOST_BYTES >> 20} MiB.")
                pieces.append(piece)
                characters += len(piece)
                if characters > MOST_CHARACTERS:
                    return "".join(pieces)[:MOST_CHARACTERS]
    return "".join(pieces)


def _pieces(part: IO[bytes]) -> Iterator[tuple[int, str]]:
    """Bytes unpacked and the text among them; a paragraph, cell or shape ends a line."""
    parser: ElementTree.XMLPullParser[ElementTree.Element] = ElementTree.XMLPullParser(("end",))
    while data := part.read(_PART):
        parser.feed(data)
        found: list[str] = []
        for event in parser.read_events():
            element = cast("tuple[str, ElementTree.Element]", event)[1]
            found.append(element.text or "")
            if element.tag.rpartition("}")[2] in ("p", "si", "h"):
                found.append("\n")
            element.clear()
        yield len(data), "".join(found)
