"""The protocol of pages holds in every state of small worlds, and does not once something is left out of it. Larger
worlds: `make model`."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.model.explore import explore
from tests.model.worlds import MUTANTS, SMALL, WHOLE


@pytest.mark.parametrize("name", SMALL)
def test_every_state_of_a_small_world_holds(name: str) -> None:
    found = explore(SMALL[name])
    assert not found.violation, str(found)
    assert found.whole
    assert found.states > 400


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_fails(name: str) -> None:
    world, violation = MUTANTS[name]
    found = explore(replace(world, mutant=name))
    print(found)
    assert violation in found.violation


def test_a_trace_is_the_shortest_and_can_be_read() -> None:
    world, _ = MUTANTS["refused though the answer was lost"]
    found = explore(replace(world, mutant="refused though the answer was lost"))
    assert found.trace == [
        "client 0 makes a at version 0",
        "node 0 takes a from client 0",
        "node 0 sends a to Postgres as 1",
        "Postgres executes what node 0 sent: a is stored",
        "node 0 loses the answer about a",
        "client 0 hears that a is refused",
    ]


def test_the_page_names_every_mutant_and_every_world() -> None:
    text = (Path(__file__).parent.parent.parent / "docs" / "pages" / "model.md").read_text()
    assert [name for name in (*WHOLE, *MUTANTS) if f"| {name} |" not in text] == []
