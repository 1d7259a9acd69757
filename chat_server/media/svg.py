"""SVG, as pixels: in a browser it could run scripts and load pages, so it is never shown itself."""

import re
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import resvg_py

from chat_server.media.pictures import SIZES
from chat_server.media.refused import Refused

_MOST_BYTES: Final = 4 << 20
# What it says of its own size may be anything.
_LONGEST: Final = 1_000_000
_LENGTH: Final = re.compile(r"\s*([0-9.]+)\s*(px|pt|pc|mm|cm|in)?\s*")
_PIXELS: Final = {None: 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0}
# References within the document, and data within it. Others would be read from this machine's disk.
_HARMLESS: Final = ("#", "data:")


def rasterised(path: Path) -> tuple[bytes, int, int]:
    """A PNG as large as the largest copy, and the size that the document gives itself. Raises Refused."""
    if path.stat().st_size > _MOST_BYTES:
        raise Refused(f"Drawings of more than {_MOST_BYTES >> 20} MiB are not drawn.")
    try:
        root = ElementTree.fromstring(path.read_bytes())  # noqa: S314 - expat bounds what entities may grow to
    except ElementTree.ParseError as error:
        raise Refused(f"It is not XML: {error}.") from error
    for element in root.iter():
        for name, value in list(element.attrib.items()):
            if name.rpartition("}")[2] == "href" and not value.strip().startswith(_HARMLESS):
                del element.attrib[name]
    width, height = _size(root)
    longest = SIZES["preview"]
    try:
        png = resvg_py.svg_to_bytes(
            ElementTree.tostring(root, "unicode"),
            width=longest if width >= height else None,
            height=longest if width < height else None,
        )
    except ValueError as error:
        raise Refused(f"It cannot be drawn: {error}.") from error
    width, height = min(width, _LONGEST), min(height, _LONGEST)
    return bytes(png), max(1, round(width)), max(1, round(height))


def _size(root: ElementTree.Element) -> tuple[float, float]:
    box = [float(part) for part in re.findall(r"-?[0-9.]+", root.get("viewBox", ""))[2:4] if part.strip(".")]
    lengths = [_pixels(root.get(name, "")) for name in ("width", "height")]
    if all(lengths):
        return lengths[0], lengths[1]
    if len(box) == 2 and min(box) > 0:
        return box[0], box[1]
    return 100.0, 100.0  # what browsers and resvg take where nothing is said


def _pixels(length: str) -> float:
    match = _LENGTH.fullmatch(length)
    try:
        return float(match[1]) * _PIXELS[match[2]] if match else 0.0
    except ValueError:
        return 0.0
