"""docs/features.md and docs/pages/invariants.md name tests that there are."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def rows(document: str, of: str) -> list[str]:
    lines = (ROOT / "docs" / document).read_text().splitlines()
    return [line for line in lines if line.startswith("| ") and not line.startswith(f"| {of}")]


@pytest.mark.parametrize(("document", "of"), [("features.md", "feature"), ("pages/invariants.md", "invariant")])
def test_every_row_names_a_test_and_every_test_is_there(document: str, of: str) -> None:
    assert len(rows(document, of)) >= 16
    for row in rows(document, of):
        shown_by = row.rsplit(" | ", 1)[1]
        spans = re.findall(r"`([^`]+)`", shown_by)
        named = [span for span in spans if "test" in span and not span.startswith("make ")]
        assert named, row
        file = Path()
        for name in named:
            path, _, function = name.partition("::")
            if path not in ("", "…"):  # the same file as the one before
                file = ROOT / path
            assert file.exists(), f"{name}: there is no such file"
            text = file.read_text() if file.is_file() else ""
            assert not function or f"def {function.partition('[')[0]}(" in text, f"{name}: there is no such test"
