"""The engine of web/lib/patches does with documents and patches what ours does."""

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_core.documents.patches.canonical import canonical, checksum
from chat_core.documents.patches.effects import Effect, conflict
from chat_core.documents.patches.patch import apply
from chat_core.documents.patches.refusals import PatchFailed, TooLarge
from chat_core.documents.patches.schema import problem
from tests.support.documents import patches
from tests.support.documents.json_patch_cases import CASES
from tests.support.documents.page_cases import INVALID_PAGES, VALID_PAGES

REPLAY = Path(__file__).parents[4] / "tests/node/patches.mjs"

BY_HAND = [
    ("{}", '[{"op":"add","path":"/a","value":[1.0,-0,-0.0,1e-6,1.5e-7,0.00001,1e15,4.5e15,123456.789e3,0.1,5e-324]}]'),
    (
        "{}",
        '[{"op":"add","path":"/\\ue000","value":1},{"op":"add","path":"/\\ud83d\\ude00","value":"\\u007f\\u001f\\u2028"}]',
    ),
    ('{"a":1,"a":2}', '[{"op":"add","op":"test","path":"/a","value":1,"value":2}]'),
    ("[9007199254740993, 1e21, 12345678901234567890123]", "[]"),
    ("{}", '[{"op":"add","path":"/a","value":1e300}]'),
    ("{}", '[{"op":"add","path":"/a","value":"\\ud800"}]'),
    ("{}", '[{"op":"add","path":"/\\udc00","value":1}]'),
    ("[]", json.dumps([{"op": "add", "path": "/-", "value": json.loads("[" * 63 + "]" * 63)}])),
    ("[]", json.dumps([{"op": "add", "path": "/-", "value": json.loads("[" * 64 + "]" * 64)}])),
    ("[]", json.dumps([{"op": "test", "path": "", "value": []}] * 1001)),
    (
        '{"b":1,"a":{"d":1,"c":2,"e":3}}',
        '[{"op":"remove","path":"/a/d"},{"op":"remove","path":"/b"},{"op":"remove","path":"/x"}]',
    ),
]


def replayed(document: Any, patch: Any, former: list[Effect]) -> dict[str, Any]:
    """What tests/node/patches.mjs says of itself, by our engine."""
    try:
        applied = apply(document, patch)
    except PatchFailed as error:
        return {"failed": -1 if error.index is None else error.index, "untouched": True}
    except TooLarge as error:
        return {"failed": error.limit, "untouched": True}
    conflicts = conflict(applied.effects, former)
    former[:] = applied.effects
    return {
        "document": canonical(applied.document).decode(),
        "checksum": checksum(applied.document),
        "effects": [list(effect) for effect in applied.effects],
        "conflict": conflicts,
        "valid": problem(applied.document) is None,
        "problems_found_by_effects": problem(applied.document, effects=applied.effects) is not None,
        "difference": canonical(applied.document).decode(),
        "coarse_difference": True,
        "patch_untouched": True,
        "inverse": True,
        "reverted": True,
    }


def test_both_engines_agree() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    pages = [*VALID_PAGES, *(page for page, _ in INVALID_PAGES)]
    pairs = [*BY_HAND, *((json.dumps(page), "[]") for page in pages)]
    pairs += [(json.dumps(case["doc"]), json.dumps(case["patch"])) for case in CASES]

    @settings(max_examples=200, database=None)
    @given(
        st.integers(0, 2**32).map(random.Random),
        st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.integers(), max_size=5),
    )
    def collect(chance: random.Random, numbers: list[float]) -> None:
        pairs.append((msgspec.json.encode(numbers).decode(), "[]"))
        document = patches.page(chance, 3) if chance.random() < 0.4 else patches.document(chance)
        text = msgspec.json.encode(document).decode()
        patch = []
        for _ in range(chance.randrange(1, 5)):
            patch.append(patches.operation(chance, document))
            try:
                document = apply(document, patch[-1:]).document
            except PatchFailed:
                if chance.random() < 0.7:
                    patch.pop()
        pairs.append((text, msgspec.json.encode(patch).decode()))

    collect()
    lines = "\n".join(json.dumps({"document": document, "patch": patch}) for document, patch in pairs)
    done = subprocess.run([node, str(REPLAY)], input=lines, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    former: list[Effect] = []
    outcomes = [json.loads(line) for line in done.stdout.split("\n")[:-1]]
    assert len(outcomes) == len(pairs)
    for (text, patch), by_javascript in zip(pairs, outcomes, strict=True):
        ours = replayed(msgspec.json.decode(text), json.loads(patch), former)
        assert by_javascript == ours, (text, patch)
    # Of what is compared, enough was applied, refused, conflicting, and enough were pages, valid and not.
    for name, value in (("conflict", True), ("conflict", False), ("valid", True), ("problems_found_by_effects", True)):
        assert sum(outcome.get(name) is value for outcome in outcomes) > 10, name
    assert sum("failed" in outcome for outcome in outcomes) > 10
