"""Names of files: what is stored of the name that an uploader gives, and how a response names a file."""

import re
import unicodedata
import urllib.parse

from chat_server.identity.names import PLAIN

LONGEST_BYTES = 255
_UNIT = re.compile(PLAIN.removesuffix("*"))
_PLAIN = re.compile(PLAIN)
_NOT_TOKEN = re.compile(r"[^A-Za-z0-9 ._()+,=@\[\]{}!#$&'~^-]")


def clean(name: str) -> str:
    """The last part of a path, composed (NFC), without invisible and direction characters, in at most 255 bytes of
    UTF-8 that keep the extension; "file" if nothing is left."""
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    while not _PLAIN.fullmatch(name):  # what was removed may have been what its neighbours needed
        name = unicodedata.normalize("NFC", "".join(unit[0] for unit in _UNIT.finditer(name)))
    name = _shortened(name.strip())
    return "file" if name in ("", ".", "..") else name


def _shortened(name: str) -> str:
    if len(name.encode()) <= LONGEST_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    end = dot + extension if stem and len(extension.encode()) <= 32 else ""
    room = LONGEST_BYTES - len(end.encode())
    stem = name.removesuffix(end).encode()[:room].decode(errors="ignore")
    while not _PLAIN.fullmatch(stem + end):
        stem = stem[:-1]
    return stem.rstrip() + end


def disposition(kind: str, name: str) -> str:
    """A Content-Disposition (RFC 6266): the name in ASCII for old clients, and as it is (RFC 8187)."""
    ascii_name = _NOT_TOKEN.sub("_", unicodedata.normalize("NFKD", name).encode("ascii", "replace").decode())
    encoded = urllib.parse.quote(name, safe="!#$&+-.^_`|~")
    return f"{kind}; filename=\"{ascii_name}\"; filename*=UTF-8''{encoded}"
