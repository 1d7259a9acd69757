"""Responses that are files: saved under a name, and harmless where a browser or a spreadsheet opens them."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

# Opened directly it runs nothing, whatever it contains.
HARMLESS: Final = {"Content-Security-Policy": "default-src 'none'; sandbox"}


def attachment(filename: str) -> dict[str, str]:
    """The headers of a file that is saved and kept nowhere else. `filename` is one of ours, in plain ASCII; names that
    users have chosen: `files.names.disposition`."""
    return {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{filename}"', **HARMLESS}


def csv_lines(rows: Iterable[Sequence[object]]) -> bytes:
    """Lines of CSV. A text that a spreadsheet would take for a formula begins with an apostrophe."""
    text = io.StringIO()
    csv.writer(text).writerows([[_no_formula(value) for value in row] for row in rows])
    return text.getvalue().encode()


def _no_formula(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
