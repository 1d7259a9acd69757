"""`fechatter export verify`: whether an export of a case is as it was made. It needs no server and no database."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from chat_core.chained_lines import LONGEST_LINE, Damaged, verify
from fechatter.errors import CommandError


def verify_export(file: Path) -> None:
    """Prints what the export is of, and the hash of its last line, which the audit log has too. Raises CommandError if
    it is damaged."""
    try:
        with file.open("rb") as opened:
            found = verify(_lines(opened))
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}") from None
    except Damaged as error:
        raise CommandError(f"{file} is damaged: {error}") from None
    print(
        f"{file}: intact: case {found.manifest.get('case_id')} of workspace {found.manifest.get('workspace_id')}, "
        f"{found.records} records, sha256 {found.sha256}"
    )
    print(
        "compare the hash with the entry case_exported of the audit log: whoever forges all lines forges their hashes"
    )


def _lines(opened: BinaryIO) -> Iterator[bytes]:
    while line := opened.readline(LONGEST_LINE):
        yield line
