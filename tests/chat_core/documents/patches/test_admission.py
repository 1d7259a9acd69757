"""Which patches may become the next version of a page."""

from typing import Any

import msgspec
import pytest

from chat_core.documents.patches.admission import Missed, Op, VersionConflict, admit
from chat_core.documents.patches.canonical import digest
from chat_core.documents.patches.effects import Effect, decoded
from chat_core.documents.patches.limits import Limits
from chat_core.documents.patches.patch import revert
from chat_core.documents.patches.refusals import Invalid, PatchFailed, TooLarge

WRITE = {"op": "replace", "path": "/components/2/props/text", "value": "new"}
MOVE = {"op": "replace", "path": "/components/3/parentId", "value": 2}
REMOVE = {"op": "remove", "path": "/components/3"}


def page() -> dict[str, Any]:
    return {
        "rootId": 1,
        "components": {
            "1": {"id": 1, "name": "Page"},
            "2": {"id": 2, "name": "Card", "props": {"text": "old", "items": [1]}, "parentId": 1},
            "3": {"id": 3, "name": "Text", "parentId": 1},
        },
    }


def admitted(document: Any, patch: Any, *missed: Effect, **named: Any) -> Op:
    """At version 9, by somebody who has seen all but what these effects are of."""
    size = len(msgspec.json.encode(document))
    base = 9 - len(missed)
    rows = [Missed(base + 1 + number, [effect], f"row {number}") for number, effect in enumerate(missed)]
    return admit(document, 9, patch, base, rows, size=size, **named)


def refused(error: type[Exception], patch: Any, *missed: Effect, **named: Any) -> Any:
    document = page()
    before = msgspec.json.encode(document)
    with pytest.raises(error) as caught:
        admitted(document, patch, *missed, **named)
    assert msgspec.json.encode(document) == before
    return caught.value


def test_an_admitted_patch_is_ready_to_be_stored() -> None:
    document = page()
    op = admitted(document, [WRITE, {"op": "add", "path": "/components/2/props/items/-", "value": 2}])
    assert (op.version, op.base) == (10, 9)
    assert document["components"]["2"]["props"] == {"text": "new", "items": [1, 2]}
    assert op.size == len(msgspec.json.encode(document))
    assert op.digest == digest(msgspec.json.decode(op.patch))
    assert msgspec.json.decode(op.inverse) == [
        {"op": "remove", "path": "/components/2/props/items/1"},
        {"op": "replace", "path": "/components/2/props/text", "value": "old"},
    ]
    assert decoded(op.effects) == [("W", "/components/2/props/text"), ("A", "/components/2/props/items")]
    assert revert(document, op.applied) == page()


@pytest.mark.parametrize(
    "missed",
    [
        ("W", "/components/2/props/items"),
        ("W", "/components/3"),
        ("R", "/components/3"),
        ("A", "/components/2/props/items"),
    ],
)
def test_a_stale_patch_elsewhere_is_admitted(missed: Effect) -> None:
    op = admitted(page(), [WRITE], ("W", "/title"), missed)
    assert (op.version, op.base) == (10, 7)


@pytest.mark.parametrize(
    "missed", [("W", "/components/2/props/text"), ("W", "/components/2"), ("W", ""), ("R", "/components/2/props")]
)
def test_a_stale_patch_at_the_same_place_is_refused_with_all_that_was_missed(missed: Effect) -> None:
    conflict = refused(VersionConflict, [WRITE], ("W", "/title"), missed)
    assert [(each.version, each.row) for each in conflict.missed] == [(8, "row 0"), (9, "row 1")]


def test_a_failure_that_something_missed_may_have_caused_is_a_conflict() -> None:
    patch = [WRITE, {"op": "remove", "path": "/components/4"}]
    assert refused(PatchFailed, patch).index == 1
    assert refused(PatchFailed, patch, ("W", "/components/3")).index == 1
    refused(VersionConflict, patch, ("W", "/components/4"))
    refused(VersionConflict, patch, ("W", "/components/2/props/text"))
    refused(VersionConflict, [{"op": "move", "from": "/components/4", "path": "/a"}], ("W", "/components/4"))


def test_a_result_that_is_no_page_is_refused() -> None:
    into_itself = [MOVE, {"op": "replace", "path": "/components/2/parentId", "value": 3}]
    assert str(refused(Invalid, into_itself)) == "component 2 is below itself"
    refused(Invalid, [{"op": "remove", "path": "/components/1"}], ("W", "/components/2/props/text"))
    assert admitted(page(), into_itself, schema="free").version == 10


def test_edits_elsewhere_that_break_the_page_together_are_a_conflict() -> None:
    document = page()
    removed = admitted(document, [REMOVE])
    child = [{"op": "add", "path": "/components/4", "value": {"id": 4, "parentId": 3}}]
    with pytest.raises(VersionConflict):
        admit(document, 10, child, 9, [Missed(10, removed.applied.effects)], size=removed.size)


def test_limits() -> None:
    size = len(msgspec.json.encode(page()))
    assert (
        refused(TooLarge, [{"op": "add", "path": "/a", "value": 12}], limits=Limits(result=size + 6)).limit == "result"
    )
    assert admitted(page(), [{"op": "add", "path": "/a", "value": 1}], limits=Limits(result=size + 6)).size == size + 6
    assert refused(TooLarge, [WRITE] * 3, limits=Limits(operations=2)).limit == "operations"


@pytest.mark.parametrize("value", ["\ud800", "deep"])
def test_members_that_mean_nothing_can_be_written_too(value: Any) -> None:
    if value == "deep":
        value = []
        for _ in range(2000):
            value = [value]
    refused(PatchFailed, [{**WRITE, "comment": value}])
