"""What becomes of stored patches, and documents at other versions."""

import copy
import random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_core.documents.patches import history
from chat_core.documents.patches.admission import admit
from chat_core.documents.patches.canonical import canonical
from chat_core.documents.patches.history import StoredPatch, Unreachable, fold, settle
from chat_core.documents.patches.limits import MOST
from chat_core.documents.patches.refusals import Invalid, PatchFailed
from chat_core.documents.patches.schema import FREE, new_page
from tests.support.documents import patches


@pytest.mark.parametrize(
    ("patch", "why"),
    [
        ('[{"op":"replace","path":"/components/1/name","value":"a"},{"op":"remove","path":"/x"}]', "/x does not exist"),
        ('[{"op":"remove","path":"/components/1"}]', "rootId names no component"),
        ('[{"op":"add","path":"/a","value":"\\ud800"}]', ""),
        ('[{"op":"add","path":"/a","value":1e999}]', ""),
        ('{"op":"add"}', "a patch is an array"),
        ("[" * 5000 + "]" * 5000, ""),
        ("no JSON", ""),
        ('[{"op":"add","path":"/a","value":' + "[" * 300 + "]" * 300 + "}]", "levels"),
        (
            '[{"op":"add","path":"/a","value":"' + "x" * 2**16 + '"},'
            + ",".join(f'{{"op":"copy","from":"","path":"/{number}"}}' for number in range(12)) + "]",
            "bytes copied or moved",
        ),
    ],
)  # fmt: skip
def test_a_stored_patch_that_is_refused_counts_as_empty(patch: str, why: str) -> None:
    document = new_page()
    settled = settle(document, patch)
    assert (settled.patch, settled.applied.inverse, settled.applied.effects, settled.applied.growth) == ([], [], [], 0)
    assert settled.refusal is not None
    assert why in settled.refusal
    assert settled.applied.document is document
    assert document == new_page()


def test_a_stored_patch_that_makes_the_document_too_large_counts_as_empty() -> None:
    patch = '[{"op":"add","path":"/a","value":1}]'
    assert settle(new_page(), patch).refusal is None
    assert settle(new_page(), patch, size=2**26).refusal == "more than 67108864 bytes of content"


def test_the_size_of_a_document_is_known_if_it_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST", MOST._replace(result=90))
    assert settle(new_page(), '[{"op":"add","path":"/a","value":1}]').refusal is None
    assert settle(new_page(), '[{"op":"add","path":"/a","value":"0123456789"}]').refusal is not None


def test_a_stored_patch_of_any_size_that_a_server_may_admit_is_applied() -> None:
    patch = msgspec.json.encode([{"op": "add", "path": f"/{number}", "value": 1} for number in range(2000)])
    assert settle({}, patch, FREE).refusal is None


def stored(chance: random.Random, document: Any, schema: str, versions: int) -> tuple[list[StoredPatch], list[bytes]]:
    """Patches one after another, as servers and psql store them, and the canonical document of each version."""
    rows: list[StoredPatch] = []
    texts = [canonical(document)]
    size = len(msgspec.json.encode(document))
    while len(rows) < versions:
        version = len(rows) + 1
        patch = [patches.operation(chance, document) for _ in range(chance.randrange(1, 3))]
        if chance.random() < 0.2:
            text = msgspec.json.encode(patch).decode()
            settled = settle(document, text, schema, size)
            row = StoredPatch(version, text, msgspec.json.encode(settled.applied.inverse).decode())
            document, size = settled.applied.document, size + settled.applied.growth
        else:
            try:
                op = admit(document, version - 1, patch, version - 1, size=size, schema=schema)
            except (PatchFailed, Invalid):
                continue
            assert op.version == version
            row = StoredPatch(version, op.patch, op.inverse)
            document, size = op.applied.document, op.size
        assert size == len(msgspec.json.encode(document))
        rows.append(row)
        texts.append(canonical(document))
    return rows, texts


@given(st.integers(0, 2**32).map(random.Random), st.booleans())
def test_every_version_can_be_made_from_every_other(chance: random.Random, is_page: bool) -> None:
    first = patches.page(chance, 3) if is_page else patches.document(chance)
    schema = "page" if is_page else FREE
    rows, texts = stored(chance, copy.deepcopy(first), schema, 6)
    chance.shuffle(rows)
    document, version = first, 0
    for _ in range(4):
        to = chance.randrange(7)
        document = fold(document, version, rows, to, schema)
        assert canonical(document) == texts[to]
        version = to


def test_a_version_that_cannot_be_made() -> None:
    rows = [StoredPatch(2, '[{"op":"add","path":"/a","value":1}]'), StoredPatch(4, "[]", "[]")]
    assert fold({}, 1, rows, 2, FREE) == {"a": 1}
    for version, to, first in ((1, 4, 3), (4, 2, 2), (2, 1, 1), (0, 1, 1)):
        with pytest.raises(Unreachable) as unreachable:
            fold({"a": 1}, version, rows, to, FREE)
        assert unreachable.value.version == first
