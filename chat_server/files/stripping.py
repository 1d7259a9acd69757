"""Removes from pictures and videos what cameras write into them: place, time, serial numbers, embedded thumbnails.

It overwrites bytes and moves none: a long video needs no copy, positions within a file stay right, and doing it twice
is doing it once. Only the structure of the containers is read, never a pixel. Unknown parts count as metadata wherever
the format allows unknown parts.
"""

import mmap
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

# Segments, chunks or boxes: more than a picture of any camera has.
MOST_PARTS: Final = 100_000
_ZEROS: Final = bytes(1 << 20)
# Read of a chunk of Exif to find its orientation, which comes early.
_MOST_EXIF: Final = 1 << 16


class _Content(mmap.mmap):
    erased = 0


class Unstrippable(Exception):
    """The structure cannot be followed, so nobody knows what is in it."""


def strip(path: Path, media_type: str) -> bool:
    """Changes the file; false if its type has nothing that a camera writes. Raises Unstrippable and OSError."""
    work = _TYPES.get(media_type)
    if work is None or not path.stat().st_size:
        return False
    with path.open("r+b") as opened, _Content(opened.fileno(), 0) as data:
        try:
            work(data)
        except (KeyError, IndexError, struct.error, ValueError) as error:
            raise Unstrippable(f"{type(error).__name__}: {error}") from error
        data.flush()
    return True


def _erase(data: _Content, start: int, end: int) -> None:
    end = min(end, len(data))
    data.erased += max(0, end - start)
    if data.erased > 2 * len(data):  # parts that lie upon one another cost as much as they like
        raise Unstrippable("its parts overlap")
    while start < end:
        size = min(len(_ZEROS), end - start)
        data[start : start + size] = _ZEROS[:size]
        start += size


def _number(data: _Content, at: int, size: int) -> int:
    if at < 0 or at + size > len(data):
        raise Unstrippable("it ends too early")
    return int.from_bytes(data[at : at + size], "big")


def _each() -> Iterator[int]:
    yield from range(MOST_PARTS)
    raise Unstrippable(f"it has more than {MOST_PARTS} parts")


# JPEG (ITU T.81, B.1): segments; after a scan's header, coded data up to the next marker.

_MARKER = re.compile(rb"\xff+[^\x00\xff]")
_SCAN_END = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_SOS, _EOI, _COMMENT = 0xDA, 0xD9, 0xFE
# What says how pixels are to be shown: JFIF, colour profiles, and Adobe's colour transform.
_JPEG_KEPT: Final = (b"JFIF\0", b"ICC_PROFILE\0", b"Adobe")


def _jpeg(data: _Content) -> None:
    at = 2
    for _ in _each():
        found = _MARKER.match(data, at)
        if found is None:
            raise Unstrippable("a segment does not begin with a marker")
        at, marker = found.end() - 2, data[found.end() - 1]
        if marker == _EOI:
            _erase(data, at + 2, len(data))  # further pictures and films, with metadata of their own
            return
        start, end = at + 4, at + 2 + _number(data, at + 2, 2)
        if end < start or end > len(data):
            raise Unstrippable("a segment is longer than the file")
        if marker == _COMMENT or 0xE0 <= marker <= 0xEF:
            _jpeg_segment(data, start, end)
        at = end
        if marker == _SOS:
            found = _SCAN_END.search(data, at)
            if found is None:  # cut off: there is nothing after the pixels
                return
            at = found.start()


def _jpeg_segment(data: _Content, start: int, end: int) -> None:
    if data[start : start + 12].startswith(_JPEG_KEPT):
        return
    kept = b""
    if data[start : start + 6] == b"Exif\0\0" and (tiff := _only_orientation(data[start + 6 : end])):
        kept = b"Exif\0\0" + tiff
    _replace(data, start, end, kept)


def _replace(data: _Content, start: int, end: int, by: bytes) -> None:
    """Zeros fill what is left."""
    _erase(data, start, end)
    if len(by) <= end - start:
        data[start : start + len(by)] = by


# PNG (https://www.w3.org/TR/png-3/): chunks of length, type, data and CRC.

_PNG_KEPT: Final = frozenset(b"tRNS gAMA cHRM sRGB iCCP cICP mDCV cLLI sBIT bKGD hIST pHYs sPLT acTL fcTL fdAT".split())
# Ancillary, private and safe to copy, as its letters' cases say: decoders skip it.
_PNG_NOTHING: Final = b"voId"


def _png(data: _Content) -> None:
    at = 8
    for _ in _each():
        length, kind = _number(data, at, 4), data[at + 4 : at + 8]
        start, end = at + 8, at + 8 + length
        _number(data, end, 4)
        if kind == b"IEND":
            _erase(data, end + 4, len(data))
            return
        if kind[0] & 0x20 and kind not in _PNG_KEPT:
            tiff = _only_orientation(data[start : min(end, start + _MOST_EXIF)]) if kind == b"eXIf" else b""
            data[at + 4 : at + 8] = kind = b"eXIf" if tiff else _PNG_NOTHING
            _replace(data, start, end, tiff)
            with memoryview(data) as view, view[start:end] as content:  # a slice of `data` would be a copy
                crc = zlib.crc32(content, zlib.crc32(kind))
            data[end : end + 4] = crc.to_bytes(4, "big")
        at = end + 4


# WebP (RFC 9649): RIFF chunks of type, length (little-endian) and data of even length.

_WEBP_KEPT: Final = frozenset((b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_EXIF_FLAG, _XMP_FLAG = 0x08, 0x04


def _webp(data: _Content) -> None:
    at, whole = 12, 8 + struct.unpack_from("<I", data, 4)[0]
    _erase(data, whole, len(data))
    header, orientation = None, False
    for _ in _each():
        if at + 8 > min(whole, len(data)):
            break
        kind, length = data[at : at + 4], struct.unpack_from("<I", data, at + 4)[0]
        start, end = at + 8, at + 8 + length
        if end > len(data):
            raise Unstrippable("a chunk is longer than the file")
        if kind == b"VP8X":
            header = start
        elif kind not in _WEBP_KEPT:
            exif = data[start : min(end, start + _MOST_EXIF)] if kind == b"EXIF" else b""
            tiff = _only_orientation(exif.removeprefix(b"Exif\0\0"))
            orientation = orientation or bool(tiff)
            data[at : at + 4] = b"EXIF" if tiff else b"JUNK"
            _replace(data, start, end, tiff)
        at = end + length % 2
    if header is not None:
        data[header] = data[header] & ~(_XMP_FLAG | _EXIF_FLAG) | (_EXIF_FLAG if orientation else 0)


# TIFF 6.0: directories of entries, whose values are within them or anywhere. Exif is one, too (CIPA DC-008).

_ORIENTATION: Final = 0x0112
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
# Directories about the camera, its place, and other programs' notes.
_TIFF_DIRECTORIES: Final = frozenset((0x8769, 0x8825, 0xA005))
# ImageDescription, Make, Model, Software, DateTime, Artist, HostComputer, XMP, Copyright, IPTC, Photoshop, TIFF/EP's
# and DNG's: serial numbers, the owner, the original's name, private data.
_TIFF_PERSONAL: Final = frozenset(
    [
        *(
            0x010E,
            0x010F,
            0x0110,
            0x0131,
            0x0132,
            0x013B,
            0x013C,
            0x02BC,
            0x8298,
            0x83BB,
            0x8649,
            0x9003,
            0x9004,
            0x927C,
        ),
        *(0xA430, 0xA431, 0xC62F, 0xC634, 0xC68B, 0xC614),
    ]
)
_MOST_DIRECTORIES: Final = 64


def _only_orientation(tiff: bytes) -> bytes:
    """A TIFF with nothing but the orientation that this one has; empty if it has none, or the usual one."""
    try:
        order = {b"II*\0": "<", b"MM\0*": ">"}[tiff[:4]]
        at = struct.unpack_from(f"{order}I", tiff, 4)[0]
        for index in range(struct.unpack_from(f"{order}H", tiff, at)[0]):
            tag, kind, count, value = struct.unpack_from(f"{order}HHIH", tiff, at + 2 + 12 * index)
            if (tag, kind, count) == (_ORIENTATION, 3, 1):
                return struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, tag, 3, 1, value, 0, 0) if 2 <= value <= 8 else b""
    except (KeyError, struct.error):
        pass
    return b""


def _tiff(data: _Content) -> None:
    order = {b"II": "<", b"MM": ">"}[data[:2]]
    due, seen, parts = [(struct.unpack_from(f"{order}I", data, 4)[0], False)], set[int](), _each()
    while due:
        at, personal = due.pop()
        if not at or at in seen:
            continue
        seen.add(at)
        if len(seen) > _MOST_DIRECTORIES:
            raise Unstrippable(f"it has more than {_MOST_DIRECTORIES} directories")
        count = struct.unpack_from(f"{order}H", data, at)[0]
        for entry in range(at + 2, at + 2 + 12 * count, 12):
            next(parts)
            tag, kind, amount, value = struct.unpack_from(f"{order}HHII", data, entry)
            if tag in _TIFF_DIRECTORIES:
                due.append((value, True))
            elif personal or tag in _TIFF_PERSONAL:
                size = _SIZES.get(kind, 1) * amount
                start = entry + 8 if size <= 4 else value
                _erase(data, start, start + size)
        due.append((struct.unpack_from(f"{order}I", data, at + 2 + 12 * count)[0], personal))


# ISO base media (ISO/IEC 14496-12), of MP4, QuickTime, HEIC and AVIF: boxes within boxes.

_CONTAINERS: Final = frozenset((b"moov", b"trak", b"mdia", b"moof", b"traf"))
_NOTES: Final = frozenset((b"udta", b"uuid"))
# Where its TIFF begins, after these 4 bytes, and one without entries: readers refuse zeros.
_EMPTY_EXIF: Final = bytes(4) + b"MM\0*\0\0\0\x08" + bytes(6)
_WITH_TIMES: Final = frozenset((b"mvhd", b"tkhd", b"mdhd"))


def _boxes(data: _Content, at: int, end: int, parts: Iterator[int]) -> Iterator[tuple[bytes, int, int, int]]:
    """Of each: its type, where it and its content begin, and where it ends."""
    while at + 8 <= end:
        next(parts)
        size, kind, start = _number(data, at, 4), data[at + 4 : at + 8], at + 8
        if size == 1:
            size, start = _number(data, at + 8, 8), at + 16
        stop = end if size == 0 else at + size
        if stop < start or stop > end:
            if at == 0 or end < len(data):
                raise Unstrippable("a box is longer than what it is in")
            return  # cut off in its last box
        yield kind, at, start, stop
        at = stop


def _media(data: _Content) -> None:
    _movie(data, 0, len(data), _each(), within=False)


def _movie(data: _Content, at: int, end: int, parts: Iterator[int], *, within: bool) -> None:
    for kind, box, start, stop in _boxes(data, at, end, parts):
        if kind in _NOTES or (kind == b"meta" and within):
            data[box + 4 : box + 8] = b"free"
            _erase(data, start, stop)
        elif kind in _WITH_TIMES:
            _erase(data, start + 4, start + 4 + (16 if data[start] == 1 else 8))
        elif kind in _CONTAINERS:
            _movie(data, start, stop, parts, within=True)
        elif kind == b"meta":
            _items(data, start + 4, stop, parts)


def _items(data: _Content, at: int, end: int, parts: Iterator[int]) -> None:
    """Of a picture: those that are Exif, or other documents such as XMP, are erased where they are."""
    boxes = {kind: (start, stop) for kind, _, start, stop in _boxes(data, at, end, parts)}
    if b"iinf" not in boxes or b"iloc" not in boxes:
        return
    start, stop = boxes[b"iinf"]
    personal: dict[int, bytes] = {}
    for kind, _, entry, _ in _boxes(data, start + (6 if data[start] == 0 else 8), stop, parts):
        if kind == b"infe" and data[entry] >= 2:
            wide = 4 if data[entry] == 3 else 2
            what = data[entry + 6 + wide : entry + 10 + wide]
            if what in (b"Exif", b"mime", b"uri "):
                personal[_number(data, entry + 4, wide)] = _EMPTY_EXIF if what == b"Exif" else b""
    for item, method, offset, length in _places(data, boxes[b"iloc"][0], parts):
        if item in personal:
            at = offset + (0 if method == 0 else boxes.get(b"idat", (len(data), 0))[0])
            _replace(data, at, min(at + length, len(data)) if length else len(data), personal[item])
            personal[item] = b""  # what is in more pieces than one has the first one's


def _places(data: _Content, at: int, parts: Iterator[int]) -> Iterator[tuple[int, int, int, int]]:
    """Of each piece of an item: the item, how it is stored (0: in the file, 1: in idat), where, and how long."""
    version = data[at]
    offset_size, length_size = divmod(data[at + 4], 16)
    base_size, index_size = divmod(data[at + 5], 16)
    wide = 4 if version == 2 else 2
    count, at = _number(data, at + 6, wide), at + 6 + wide
    for _ in range(count):
        next(parts)
        item, at = _number(data, at, wide), at + wide
        method = 0
        if version:
            method, at = _number(data, at, 2) & 15, at + 2
        base, at = _number(data, at + 2, base_size), at + 2 + base_size
        extents, at = _number(data, at, 2), at + 2
        for _ in range(extents):
            next(parts)
            at += index_size if version else 0
            offset, length = _number(data, at, offset_size), _number(data, at + offset_size, length_size)
            at += offset_size + length_size
            yield item, method, base + offset, length


_TYPES: Final[dict[str, Callable[[_Content], None]]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/webp": _webp,
    "image/tiff": _tiff,
    **dict.fromkeys(("image/heic", "image/avif", "video/mp4", "video/quicktime", "audio/mp4"), _media),
}
