"""Lines of JSON, each of which has the hash of the line before it: written, and verified."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import msgspec

FORMAT: Final = "fechatter-case"
VERSION: Final = 1
# A record has at most a message of 10,000 characters with all its earlier versions.
LONGEST_LINE: Final = 64 << 20

_NOTHING = "0" * 64


class Damaged(Exception):
    """The lines are not those that were written."""


class Chain:
    """Writes the lines. `sha256` is the hash of the last one."""

    def __init__(self) -> None:
        self._previous = _NOTHING
        self.records = 0

    @property
    def sha256(self) -> bytes:
        return bytes.fromhex(self._previous)

    def manifest(self, json: str) -> bytes:
        return self._line(f'"format":"{FORMAT}","version":{VERSION},"manifest":{json}')

    def record(self, json: str) -> bytes:
        self.records += 1
        return self._line(f'"number":{self.records},"record":{json}')

    def end(self) -> bytes:
        return self._line(f'"records":{self.records}')

    def _line(self, content: str) -> bytes:
        line = f'{{"previous":"{self._previous}",{content}}}'.encode()
        self._previous = hashlib.sha256(line).hexdigest()
        return line + b"\n"


class _Line(msgspec.Struct):
    previous: str
    format: str | None = None
    version: int | None = None
    manifest: dict[str, object] | None = None
    number: int | None = None
    record: dict[str, object] | None = None
    records: int | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    manifest: dict[str, object]
    records: int
    sha256: str


def verify(lines: Iterable[bytes]) -> Verified:
    """Raises Damaged at the first line that is not as it was written."""
    previous, manifest, records, ended = _NOTHING, None, 0, False
    for number, raw in enumerate(lines, 1):
        if ended:
            raise Damaged(f"line {number} comes after the last one")
        if not raw.endswith(b"\n"):
            raise Damaged(f"line {number} is cut off")
        line = _decoded(raw, number)
        if line.previous != previous:
            raise Damaged(
                f"line {number} does not follow line {number - 1}: one of them was changed, added or left out"
            )
        previous = hashlib.sha256(raw[:-1]).hexdigest()
        if number == 1:
            if (line.format, line.version) != (FORMAT, VERSION) or line.manifest is None:
                raise Damaged("line 1 is not the manifest of an export of this version")
            manifest = line.manifest
        elif line.record is not None and line.number == records + 1:
            records += 1
        elif line.records == records and line.record is None:
            ended = True
        else:
            raise Damaged(f"line {number} is not record {records + 1}, nor the end after {records} records")
    if manifest is None or not ended:
        raise Damaged("it has no last line: it was cut off")
    return Verified(manifest, records, previous)


def _decoded(raw: bytes, number: int) -> _Line:
    try:
        return msgspec.json.decode(raw, type=_Line)
    except msgspec.DecodeError as error:
        raise Damaged(f"line {number} is not one of an export: {error}") from None
