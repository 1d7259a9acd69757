"""What a valid page is."""

import copy
import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_core.documents.patches.patch import apply
from chat_core.documents.patches.refusals import PatchFailed
from chat_core.documents.patches.schema import FREE, new_page, problem
from tests.support.documents import patches
from tests.support.documents.page_cases import INVALID_PAGES, VALID_PAGES, page


def test_a_new_page() -> None:
    assert json.dumps(new_page(), ensure_ascii=False, separators=(",", ":")) == (
        '{"rootId":1,"components":{"1":{"id":1,"name":"Page","desc":"页面根节点"}}}'
    )
    assert problem(new_page()) is None


@pytest.mark.parametrize("valid", VALID_PAGES)
def test_valid_pages(valid: Any) -> None:
    assert problem(valid) is None


@pytest.mark.parametrize(("invalid", "why"), INVALID_PAGES)
def test_invalid_pages(invalid: Any, why: str) -> None:
    assert problem(invalid) == why
    assert problem(invalid, FREE) is None


def test_a_deep_page_is_looked_at_in_time_that_grows_with_it() -> None:
    chain = [{"id": number, "parentId": number - 1} for number in range(2, 20_001)]
    assert problem(page(*chain)) is None
    assert problem(page(*reversed(chain))) is None


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": "/components/2"},
        {"op": "add", "path": "/components/~14", "value": {"id": 4, "parentId": 1}},
        {"op": "add", "path": "/components/4", "value": {"id": 5, "parentId": 1}},
        {"op": "add", "path": "/components/4", "value": {"id": 4}},
        {"op": "add", "path": "/components/4", "value": {"id": 4, "parentId": 4}},
        {"op": "replace", "path": "/components/2/parentId", "value": 3},
        {"op": "replace", "path": "/components/2/id", "value": 7},
        {"op": "add", "path": "/components/1/parentId", "value": 2},
        {"op": "add", "path": "/components/1/children", "value": [3]},
        {"op": "remove", "path": "/components/3/parentId"},
        {"op": "add", "path": "/components/3/name", "value": 1},
        {"op": "remove", "path": "/components/1"},
        {"op": "replace", "path": "/rootId", "value": 2},
        {"op": "replace", "path": "", "value": {}},
        {"op": "add", "path": "/components/-", "value": {"id": 4, "parentId": 1}},
    ],
)
def test_operations_that_break_a_page(operation: dict[str, Any]) -> None:
    applied = apply(page({"id": 2, "parentId": 1}, {"id": 3, "parentId": 2.0}), [operation])
    assert problem(applied.document, effects=applied.effects) is not None


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": "/components/3"},
        {"op": "add", "path": "/components/4", "value": {"id": 4, "parentId": 3}},
        {"op": "replace", "path": "/components/3/parentId", "value": 1},
        {"op": "add", "path": "/components/3/children", "value": []},
        {"op": "add", "path": "/components/3/order", "value": "a1"},
        {"op": "replace", "path": "", "value": {"rootId": 1, "components": {"1": {"id": 1}}}},
    ],
)
def test_operations_that_keep_a_page_valid(operation: dict[str, Any]) -> None:
    applied = apply(page({"id": 2, "parentId": 1}, {"id": 3, "parentId": 2}), [operation])
    assert problem(applied.document, effects=applied.effects) is None


def test_a_component_replaced_by_one_that_no_longer_names_its_children() -> None:
    applied = apply(
        page({"id": 2, "parentId": 1, "children": [3]}, {"id": 3}),
        [{"op": "replace", "path": "/components/2", "value": {"id": 2, "parentId": 1}}],
    )
    assert problem(applied.document, effects=applied.effects) == "component 3 has no parent"


@given(st.integers(0, 2**32).map(random.Random))
def test_what_effects_show_is_what_looking_at_all_shows(chance: random.Random) -> None:
    document = patches.page(chance, 4)
    for _ in range(12):
        try:
            applied = apply(copy.deepcopy(document), [patches.operation_on_a_page(chance, document)])
        except PatchFailed:
            continue
        assert (problem(applied.document, effects=applied.effects) is None) is (problem(applied.document) is None)
