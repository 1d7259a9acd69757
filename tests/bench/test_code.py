"""The code before: which folder can be it, how it is started, and its rows."""

from pathlib import Path

import pytest

from bench.code import OURS, ROOT, Code, beside, beside_before, checkout
from bench.figures.result import Result
from bench.system import environment

FOUND = {"fechatter": [9.0, 1.0, 2.0], "before": [4.0, 3.0, 5.0]}


def test_a_folder_is_a_checkout_with_an_environment(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no checkout of Fechatter"):
        checkout(tmp_path)
    (tmp_path / "fechatter").mkdir()
    with pytest.raises(ValueError, match="run `make setup` there"):
        checkout(tmp_path)
    python = tmp_path / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.touch()
    assert checkout(tmp_path) == Code(tmp_path, f"before ({tmp_path.name})", python)


def test_settings_that_it_does_not_know_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text("limits:\n  read: 6000\n")
    given = environment(Code(tmp_path, "before"), FECHATTER_NOTIFY__WORKERS="2")
    ours = {name: value for name, value in given.items() if name.startswith("FECHATTER_")}
    assert ours == {"FECHATTER_LIMITS__READ": "1000000000", "FECHATTER_NOTIFY__WORKERS": "2"}
    assert environment(OURS)["FECHATTER_CONNECTIONS__PER_ADDRESS"] == "1000000000"


def test_a_row_has_the_medians_of_both_and_says_whether_the_target_is_reached() -> None:
    assert beside_before("a post", "ms", FOUND, float, at_most=0.5) == []
    with beside(Code(ROOT, "before")):
        assert [
            *beside_before("a post", "ms", FOUND, float, at_most=0.5),
            *beside_before("posts", "/s", FOUND, float, at_least=5),
            *beside_before("posts", "/s", FOUND, float),
        ] == [
            Result("a post", 2.0, "ms", "before", 4.0, "≤ 0.5 ×", True),
            Result("posts", 2.0, "/s", "before", 4.0, "≥ 5 ×", False),
            Result("posts", 2.0, "/s", "before", 4.0),
        ]
    assert beside_before("a post", "ms", FOUND, float) == []
