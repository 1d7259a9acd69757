"""Each drill can be found, says what it is about, and has its row in docs/operations/drills.md."""

import re
from pathlib import Path

import pytest

from tests.drills import __main__ as drills
from tests.drills.drill import Drill

PAGE = Path(__file__).parent.parent.parent / "docs" / "operations" / "drills.md"


def test_the_page_has_a_row_for_each_drill() -> None:
    rows = re.findall(r"^\| (.+) \| (.+) \| (.+) \| `make drill NAME=(\w+)` \|$", PAGE.read_text(), re.MULTILINE)
    described = {name: (fault, expected) for fault, expected, _, name in rows}
    assert described == {name: (drills.drill(name).fault, drills.drill(name).expected) for name in drills.names()}


def test_what_a_machine_lacks_is_a_reason_to_skip(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = drills.drill("relay")
    lacking = Drill(asked.fault, asked.expected, asked.run, needs=[lambda: None, lambda: "it needs the moon"])
    monkeypatch.setattr(drills, "drill", lambda _: lacking)
    assert drills.run("relay", None, "1") == drills.SKIPPED
    assert capsys.readouterr().out == "skipped: it needs the moon\n"
