"""The type of a file, as its first bytes say. The name and the uploader's word count for nothing.

Signatures: https://mimesniff.spec.whatwg.org/ and the formats' own specifications. What is not in the table is
application/octet-stream, or text/plain if it is UTF-8 without control characters.
"""

import re

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (rb"\x89PNG\r\n\x1a\n", "image/png"),
    (rb"\xff\xd8\xff", "image/jpeg"),
    (rb"GIF8[79]a", "image/gif"),
    (rb"RIFF....WEBP", "image/webp"),
    (rb"....ftyp(avif|avis)", "image/avif"),
    (rb"....ftyp(heic|heix|hevc|hevx|mif1|msf1)", "image/heic"),
    (rb"....ftypqt  ", "video/quicktime"),
    (rb"....ftyp(M4A |M4B )", "audio/mp4"),
    (rb"....ftyp", "video/mp4"),
    (rb"\x1aE\xdf\xa3", "video/webm"),
    (rb"OggS", "audio/ogg"),
    (rb"ID3|\xff[\xfb\xf3\xf2]", "audio/mpeg"),
    (rb"\xff[\xf1\xf9]", "audio/aac"),
    (rb"fLaC", "audio/flac"),
    (rb"RIFF....WAVE", "audio/wav"),
    (rb"II\*\x00|MM\x00\*", "image/tiff"),
    (rb"BM.{4}\x00\x00\x00\x00", "image/bmp"),
    (rb"(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]", "image/svg+xml"),
    (rb"%PDF-", "application/pdf"),
    (rb"PK(\x03\x04|\x05\x06)", "application/zip"),
    (rb"\x1f\x8b", "application/gzip"),
    (rb"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
)
_TABLE = tuple((re.compile(signature, re.DOTALL), kind) for signature, kind in _SIGNATURES)
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")

# Every type that a file may have.
KNOWN = tuple(dict.fromkeys((*(kind for _, kind in _SIGNATURES), "text/plain", "application/octet-stream")))

# What a browser may show instead of saving: nothing in these can run a script.
INLINE = frozenset(
    {"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "application/pdf"}
    | {kind for _, kind in _SIGNATURES if kind.startswith(("audio/", "video/"))}
)

# What a server looks at that makes previews.
LOOKED_AT = frozenset(KNOWN) - {"application/gzip", "application/x-7z-compressed", "application/octet-stream"}


def sniff(head: bytes) -> str:
    """The media type of a file that begins with these bytes."""
    for signature, kind in _TABLE:
        if signature.match(head):
            return kind
    return "text/plain" if _is_text(head) else "application/octet-stream"


def _is_text(head: bytes) -> bool:
    if not head or _BINARY.search(head):
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 3  # a character that the head cuts off
    return True
