"""Which patches conflict, and that those which do not give the same document in either order."""

import copy
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_core.documents.patches.canonical import canonical
from chat_core.documents.patches.effects import Effect, conflict, decoded, touches_structure
from chat_core.documents.patches.patch import Applied, apply, revert
from chat_core.documents.patches.refusals import PatchFailed
from tests.support.documents import patches

chances = st.integers(0, 2**32).map(random.Random)

LIST: dict[str, Any] = {"l": [1, 2, [3]], "o": {"7": {"x": 1}}}


@pytest.mark.parametrize(
    ("operation", "effects"),
    [
        ({"op": "test", "path": "/l", "value": [1, 2, [3]]}, [("R", "/l")]),
        ({"op": "add", "path": "/o/new", "value": 1}, [("W", "/o/new")]),
        ({"op": "add", "path": "/o/7", "value": 1}, [("W", "/o/7")]),
        ({"op": "add", "path": "/l/0", "value": 1}, [("S", "/l")]),
        ({"op": "add", "path": "/l/3", "value": 1}, [("S", "/l")]),
        ({"op": "add", "path": "/l/-", "value": 1}, [("A", "/l")]),
        ({"op": "replace", "path": "/l/1", "value": 1}, [("W", "/l/1")]),
        ({"op": "replace", "path": "", "value": 1}, [("W", "")]),
        ({"op": "remove", "path": "/l/1"}, [("S", "/l")]),
        ({"op": "remove", "path": "/o/7"}, [("W", "/o/7")]),
        ({"op": "copy", "from": "/l/2", "path": "/o/a~1b"}, [("R", "/l/2"), ("W", "/o/a~1b")]),
        ({"op": "move", "from": "/l/0", "path": "/o/x"}, [("S", "/l"), ("W", "/o/x")]),
        ({"op": "move", "from": "/o/7", "path": "/l/-"}, [("W", "/o/7"), ("A", "/l")]),
        ({"op": "move", "from": "/l/1", "path": "/l/1"}, [("R", "/l/1")]),
    ],
)
def test_effects_of_operations(operation: dict[str, Any], effects: list[Effect]) -> None:
    assert apply(copy.deepcopy(LIST), [operation]).effects == effects


@pytest.mark.parametrize(
    ("some", "others", "expected"),
    [
        (("W", "/a"), ("W", "/a"), True),
        (("W", "/a"), ("W", "/b"), False),
        (("W", "/a/b"), ("W", "/a/c"), False),
        (("W", "/a"), ("W", "/a/b/c"), True),
        (("W", "/a"), ("W", "/ab"), False),
        (("W", ""), ("W", "/a"), True),
        (("W", ""), ("R", ""), True),
        (("R", "/a"), ("R", "/a/b"), False),
        (("R", "/a"), ("W", "/a/b"), True),
        (("R", "/a/b"), ("W", "/a"), True),
        (("S", "/l"), ("W", "/l/3"), True),
        (("S", "/l"), ("R", "/l/3/x"), True),
        (("S", "/l"), ("A", "/l"), True),
        (("A", "/l"), ("A", "/l"), False),
        (("A", "/l"), ("A", "/l/0"), True),
        (("A", "/l"), ("W", "/l/0"), True),
        (("A", "/l"), ("R", "/l"), True),
        (("S", "/l"), ("S", "/m"), False),
    ],
)
def test_conflicts(some: Effect, others: Effect, expected: bool) -> None:
    assert conflict([some], [others]) is expected
    assert conflict([others], [("W", "/z"), some]) is expected


def test_a_path_with_several_effects_conflicts_for_each() -> None:
    assert conflict([("R", "/a"), ("W", "/a")], [("R", "/a/b")])
    assert conflict([("A", "/a"), ("R", "/a")], [("A", "/a")])


def test_a_thousand_effects_are_compared_quickly() -> None:
    one = [("W", f"/components/{number}/props/{'x/' * 20}y") for number in range(1000)]
    other = [("W", f"/components/{number}/props/{'x/' * 20}z") for number in range(1000)]
    assert not conflict(one, other)


@pytest.mark.parametrize(
    ("path", "structure"),
    [
        ("", True),
        ("/rootId", True),
        ("/components", True),
        ("/components/2", True),
        ("/components/2/parentId", True),
        ("/components/2/name", True),
        ("/components/2/props", True),
        ("/components/2/children", True),
        ("/components/2/children/0", True),
        ("/components/2/props/text", False),
        ("/components/2/props/children/0", False),
        ("/components/2/locked", False),
        ("/title", False),
        ("/componentsOf/2", False),
    ],
)
def test_structure(path: str, structure: bool) -> None:
    assert touches_structure([("W", path)]) is structure
    assert not touches_structure([("R", path)])


def test_effects_as_stored() -> None:
    assert decoded('[["W","/components/7/name"],["A",""]]') == [("W", "/components/7/name"), ("A", "")]


def patched(chance: random.Random, document: Any) -> tuple[list[dict[str, Any]], Applied] | None:
    """A patch of some operations that can be applied, and what it has done, which is undone again."""
    patch: list[dict[str, Any]] = []
    ahead = copy.deepcopy(document)
    for _ in range(chance.randrange(1, 5)):
        operation = patches.operation(chance, ahead)
        try:
            ahead = apply(ahead, [operation]).document
        except PatchFailed:
            continue
        patch.append(operation)
    applied = apply(document, patch)
    revert(applied.document, applied)
    return (patch, applied) if patch else None


def sorted_appends(value: Any) -> Any:
    """A value in which elements of arrays have no order."""
    if isinstance(value, dict):
        return {name: sorted_appends(item) for name, item in value.items()}
    if isinstance(value, list):
        return sorted((sorted_appends(item) for item in value), key=canonical)
    return value


def outcome(document: Any, *several: list[dict[str, Any]]) -> Any:
    document = copy.deepcopy(document)
    for patch in several:
        document = apply(document, patch).document
    return document


@settings(max_examples=200)
@given(chances)
def test_patches_without_a_conflict_commute(chance: random.Random) -> None:
    document = patches.page(chance, 2) if chance.random() < 0.5 else patches.document(chance)
    several = [found for found in (patched(chance, document) for _ in range(4)) if found]
    for place, (one, applied) in enumerate(several):
        for other, applied_too in several[:place]:
            if conflict(applied.effects, applied_too.effects):
                continue
            # That neither fails after the other is half of what is promised.
            first, second = outcome(document, one, other), outcome(document, other, one)
            appended = {effect for effect in applied.effects if effect[0] == "A"} & set(applied_too.effects)
            if appended:
                first, second = sorted_appends(first), sorted_appends(second)
            assert canonical(first) == canonical(second), (document, one, other)
