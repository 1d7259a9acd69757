"""Patches from one document to another."""

import copy
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_core.documents.patches.canonical import canonical
from chat_core.documents.patches.difference import difference
from chat_core.documents.patches.patch import apply
from tests.support.documents import patches


@given(st.integers(0, 2**32).map(random.Random), st.sampled_from([0, 1, 3, 1000]))
def test_a_difference_leads_from_one_document_to_another(chance: random.Random, most: int) -> None:
    old = patches.document(chance)
    new = apply(copy.deepcopy(old), [patches.value_at_a_name(chance)]).document if isinstance(old, dict) else 1
    new = new if chance.random() < 0.7 else patches.document(chance)
    patch = difference(old, new, most)
    assert len(patch) <= max(most, 1)
    assert canonical(apply(old, patch).document) == canonical(new)


@pytest.mark.parametrize(
    ("old", "new", "patch"),
    [
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": 1}, {"a": True}, [{"op": "replace", "path": "/a", "value": True}]),
        ([1, 2, 3], [1, 9, 3], [{"op": "replace", "path": "/1", "value": 9}]),
        ([1, 2, 3, 4], [1, 4], [{"op": "remove", "path": "/2"}, {"op": "remove", "path": "/1"}]),
        ([1, 4], [1, 2, 4], [{"op": "add", "path": "/1", "value": 2}]),
        ({"a/b": {"~": 1}}, {"a/b": {}}, [{"op": "remove", "path": "/a~1b/~0"}]),
        ({"a": {}}, {"a": []}, [{"op": "replace", "path": "/a", "value": []}]),
        (1, {}, [{"op": "replace", "path": "", "value": {}}]),
    ],
)
def test_differences(old: Any, new: Any, patch: list[dict[str, Any]]) -> None:
    assert difference(old, new) == patch


def test_the_difference_of_pages_names_properties_then_components_then_all() -> None:
    old = patches.page(random.Random(1), 20)
    new = copy.deepcopy(old)
    for component in list(new["components"].values())[1:]:
        component["props"]["text"] = "new"
        component["props"]["style"]["width"] = 0
    assert {operation["path"].count("/") for operation in difference(old, new)} == {4, 5}
    assert [operation["path"] for operation in difference(old, new, most=20)] == [
        f"/components/{n}" for n in range(2, 22)
    ]
    assert difference(old, new, most=19) == [{"op": "replace", "path": "", "value": new}]
