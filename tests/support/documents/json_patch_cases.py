"""What JSON Patches do, case by case: our own, and the public suite where npm has installed it.

A case has `doc`, `patch`, and either `expected` or nothing, if the patch is to be refused at its last operation.
"""

import json
from pathlib import Path
from typing import Any

_SUITE = Path(__file__).parents[2] / "node/node_modules/json-patch-test-suite"


def _own() -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads(Path(__file__).with_suffix(".json").read_text())
    return cases


def _public() -> list[dict[str, Any]]:
    """The cases of github.com/json-patch/json-patch-tests (Apache-2.0) that are not disabled."""
    found = []
    for name in ("tests.json", "spec_tests.json") if _SUITE.exists() else ():
        for number, case in enumerate(json.loads((_SUITE / name).read_text())):
            if "patch" in case and "disabled" not in case:
                described = f"{name} {number}: {case.get('comment', case.get('error', ''))}"
                # Without `expected` or `error`, what a patch tests is there.
                expected = {} if "error" in case else {"expected": case.get("expected", case["doc"])}
                found.append({"comment": described, "doc": case["doc"], "patch": case["patch"], **expected})
    return found


CASES = _own() + _public()
