"""The records of an archive in our own format, one line after the other."""

from collections.abc import Iterator

import msgspec

from fechatter.archives.records import LONGEST_LINE, AnyRecord, parse
from fechatter.archives.source import BadArchive, Source

LINES = "archive.jsonl"


def records_of(source: Source) -> Iterator[tuple[str, AnyRecord]]:
    """Each record with where it is, for messages: "line 12". Raises BadArchive, which names the line and the field."""
    name = LINES if source.size(LINES) is not None else next(iter(source.names()), LINES)
    if name != LINES and not name.endswith(".jsonl"):
        raise BadArchive(f"{source.path} has no {LINES}: it is no archive of Fechatter's format")
    with source.open(name) as lines:
        number = 0
        while line := lines.readline(LONGEST_LINE + 1):
            number += 1
            if len(line) > LONGEST_LINE:
                raise BadArchive(f"line {number} is longer than {LONGEST_LINE:,} bytes")
            if line.isspace():
                continue
            try:
                yield f"line {number}", parse(line)
            except msgspec.ValidationError as error:
                raise BadArchive(f"line {number}: {error}") from None
            except (msgspec.DecodeError, UnicodeError) as error:
                raise BadArchive(f"line {number} is no JSON in UTF-8: {error}") from None
            except RecursionError:
                raise BadArchive(f"line {number} is nested too deeply") from None
