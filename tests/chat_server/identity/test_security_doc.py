"""docs/identity/security.md: each attack names tests that are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
DOC = (ROOT / "docs/identity/security.md").read_text()


def named_in(part: str) -> list[str]:
    """The paths of what a part's table names. A bare file is in the part's folder, a bare test in its file."""
    place = re.search(r"Tests\s+are\s+in\s+`([^`]+)`", part)
    assert place is not None, part[:60]
    home, last, found = place[1], "", []
    for row in re.findall(r"^\| (?!attack|-).*\|$", part, re.M):
        cell = row.rstrip("|").rpartition("|")[2].strip()
        names = re.findall(r"`([^`]+)`", cell)
        assert names or cell == "the same", f"no test: {row}"
        for name in names:
            file, _, test = name.rpartition("::") if "::" in name else (name, "", "")
            if not name.endswith(".py") and "::" not in name:
                file, test = home, name
            elif file == "…":
                file = last
            elif not file.startswith("tests/"):
                file = _path(home, file)
            last = file
            found.append(f"{file}::{test}")
    return found


def _path(home: str, file: str) -> str:
    """Beside the part's tests, or named from `tests` or its folder of chat_server."""
    places = [home if home.endswith("/") else f"{home.rpartition('/')[0]}/", "tests/"]
    return next((place + file for place in places if (ROOT / place / file).exists()), file)


def test_each_attack_names_a_test_that_is_there() -> None:
    parts = DOC.split("\n## ")[1:]
    named = [test for part in parts for test in named_in(part)]
    assert len(named) > 150
    for each in named:
        file, _, test = each.partition("::")
        assert (ROOT / file).is_file(), each
        assert re.search(rf"^(async )?def {test}\(", (ROOT / file).read_text(), re.M) or not test, each
