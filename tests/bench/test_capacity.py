"""docs/operations/scaling.md has the table that bench/capacity.py prints."""

from pathlib import Path

from bench.capacity import Figures, table

PAGE = Path(__file__).parent.parent.parent / "docs" / "operations" / "scaling.md"


def test_the_page_has_the_table_of_these_figures() -> None:
    assert table(Figures()) in PAGE.read_text()


def test_a_machine_of_other_figures_has_another_table() -> None:
    slower = table(Figures(event_us=960), [100_000])
    assert "| cores of Postgres, one reader | events × event | 0.8 |" in slower
