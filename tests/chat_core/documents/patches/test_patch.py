"""Patches as RFC 6902 has them: what they make, what they refuse, and that a refusal changes nothing."""

import copy
import json
import random
from typing import Any

import jsonpatch
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_core.documents.patches.canonical import canonical
from chat_core.documents.patches.effects import conflict
from chat_core.documents.patches.limits import Limits
from chat_core.documents.patches.patch import apply, revert
from chat_core.documents.patches.refusals import PatchFailed, TooLarge
from chat_core.documents.patches.values import equal
from tests.support.cost import assert_costs_at_most
from tests.support.documents import patches
from tests.support.documents.json_patch_cases import CASES

chances = st.integers(0, 2**32).map(random.Random)


def encoded(document: Any) -> bytes:
    """The bytes, with the order of members."""
    return msgspec.json.encode(document)


@pytest.mark.parametrize("case", CASES, ids=[case["comment"] for case in CASES])
def test_cases(case: dict[str, Any]) -> None:
    document = copy.deepcopy(case["doc"])
    before = encoded(document)
    if "expected" in case:
        applied = apply(document, case["patch"])
        assert equal(applied.document, case["expected"])
        back = apply(applied.document, applied.inverse)
        assert equal(back.document, case["doc"])
        assert encoded(revert(revert(back.document, back), applied)) == before
    else:
        with pytest.raises(PatchFailed) as failed:
            apply(document, case["patch"])
        assert failed.value.index == case.get("index", len(case["patch"]) - 1)
        assert encoded(document) == before


def made_by_jsonpatch(document: Any, patch: Any) -> tuple[bool, Any]:
    try:
        return True, jsonpatch.apply_patch(document, patch)
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, KeyError, TypeError, ValueError):
        return False, None


@settings(max_examples=200)
@given(chances)
def test_patches_make_what_jsonpatch_makes(chance: random.Random) -> None:
    document = patches.document(chance)
    for _ in range(5):
        patch = [patches.operation(chance, document)]
        could, expected = made_by_jsonpatch(document, patch)
        before = encoded(document)
        try:
            applied = apply(document, patch)
        except PatchFailed:
            assert not could or refused_by_us(patch), patch
            assert encoded(document) == before
        else:
            assert could, patch
            assert canonical(applied.document) == canonical(expected), patch
            document = applied.document


def refused_by_us(patch: list[dict[str, Any]]) -> bool:
    """What only we refuse, since the libraries of browsers do."""
    return any("prototype" in path or "__proto__" in path for path in (patch[0]["path"], patch[0].get("from", "")))


@settings(max_examples=200)
@given(chances, st.integers(1, 5))
def test_a_patch_can_be_reverted_to_the_byte_and_inverted(chance: random.Random, length: int) -> None:
    document = patches.document(chance)
    patch, before, was = [], encoded(document), canonical(document)
    ahead = copy.deepcopy(document)
    for _ in range(length):
        patch.append(patches.operation(chance, ahead))
        try:
            ahead = apply(ahead, patch[-1:]).document
        except PatchFailed:
            break
    sent = encoded(patch)
    try:
        applied = apply(document, patch, size=len(before))
    except PatchFailed as failed:
        index = failed.index
        assert index == len(patch) - 1
    else:
        assert canonical(applied.document) == canonical(ahead)
        assert len(encoded(applied.document)) == len(before) + applied.growth
        inverse = apply(applied.document, applied.inverse)
        assert canonical(inverse.document) == was
        document = revert(revert(inverse.document, inverse), applied)
    assert encoded(document) == before
    assert encoded(patch) == sent


def test_a_document_takes_no_part_of_a_patch_into_itself() -> None:
    inner = {"b": [1]}
    patch = [
        {"op": "add", "path": "/one", "value": inner},
        {"op": "add", "path": "/one/b/-", "value": 2},
        {"op": "copy", "from": "/one", "path": "/two"},
        {"op": "add", "path": "/two/b/-", "value": 3},
        {"op": "move", "from": "/two", "path": "/one"},
        {"op": "add", "path": "/one/b/-", "value": 4},
    ]
    document: Any = {}
    applied = apply(document, patch)
    assert document == {"one": {"b": [1, 2, 3, 4]}}
    assert inner == {"b": [1]}
    assert apply(applied.document, applied.inverse).document == {}


@pytest.mark.parametrize(
    ("patch", "limits", "limit"),
    [
        ([{"op": "test", "path": "", "value": []}] * 3, Limits(operations=2), "operations"),
        ([{"op": "add", "path": "/-", "value": [[]]}], Limits(depth=2), "depth"),
        ([{"op": "add", "path": "/-", "value": 1}] * 2, Limits(result=4), "result"),
        (
            [{"op": "add", "path": "/-", "value": "x" * 40}, *[{"op": "copy", "from": "", "path": "/-"}] * 17],
            Limits(copied=1000),
            "copied",
        ),
        (
            [{"op": "add", "path": "/-", "value": "x" * 40}, *[{"op": "move", "from": "/0", "path": "/-"}] * 24],
            Limits(copied=1000),
            "copied",
        ),
        (
            [{"op": "add", "path": "/-", "value": 1}, *[{"op": "add", "path": "/0", "value": 1}] * 200],
            Limits(copied=1000),
            "copied",
        ),
        (
            [{"op": "add", "path": "/-", "value": []}, {"op": "move", "from": "/0", "path": "/-"}],
            Limits(depth=1),
            "depth",
        ),
        ([{"op": "add", "path": "/-", "value": json.loads("[" * 900 + "]" * 900)}], Limits(), "depth"),
    ],
)
def test_limits(patch: list[dict[str, Any]], limits: Limits, limit: str) -> None:
    document: list[Any] = []
    with pytest.raises(TooLarge) as refused:
        apply(document, patch, limits, size=2)
    assert refused.value.limit == limit
    assert document == []


def test_a_document_that_is_too_large_may_shrink() -> None:
    document = ["x" * 100, "y"]
    assert apply(document, [{"op": "remove", "path": "/1"}], Limits(result=50), size=107).document == ["x" * 100]


@pytest.mark.parametrize(
    "value",
    [2**53, -(2**53), 1e300, 10**400, float("inf"), float("nan"), {"a": [{"__proto__": 1}]}, "\ud800", {"\udfff": 1}],
)
def test_what_a_browser_cannot_hold_is_refused(value: Any) -> None:
    document: Any = {"a": 1}
    with pytest.raises(PatchFailed, match=r"operation 1: (browsers|no member may|half of a surrogate pair)"):
        apply(document, [{"op": "replace", "path": "/a", "value": 2}, {"op": "add", "path": "/b", "value": value}])
    assert document == {"a": 1}


@pytest.mark.parametrize("last", [{"op": "test", "path": "/m0", "value": 1}, {"op": "remove", "path": "/a" * 200_000}])
@pytest.mark.parametrize(
    "operations",
    [
        lambda number: [{"op": "remove", "path": f"/o/m{number}"}],
        lambda number: [{"op": "add", "path": "/l/0", "value": 1}],
        lambda number: [{"op": "move", "from": "/o", "path": "/p"}, {"op": "move", "from": "/p", "path": "/o"}],
    ],
    ids=["removals", "insertions", "moves"],
)
def test_no_patch_holds_the_loop_for_long(operations: Any, last: dict[str, Any]) -> None:
    document = {"o": {f"m{number}": number for number in range(50_000)}, "l": [1] * 100_000}
    before = encoded(document)
    patch = [operation for number in range(400) for operation in operations(number)]

    def applied() -> None:
        with pytest.raises((PatchFailed, TooLarge)) as refused:
            apply(document, [*patch, last])
        if isinstance(refused.value, PatchFailed):
            assert not conflict(refused.value.effects, [("W", "/zzz")] * 1000)

    assert_costs_at_most(0.25, applied)
    assert encoded(document) == before
