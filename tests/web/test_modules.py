"""The modules of web/ that need no browser, tried in node: `web/tests`."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "web"


def test_modules_do_in_node_what_their_tests_say() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    files = sorted(str(file.relative_to(WEB)) for file in WEB.glob("tests/*.test.js"))
    assert files
    # A test of node's that itself runs under node's says what it found to nobody.
    surroundings = {name: value for name, value in os.environ.items() if name != "NODE_TEST_CONTEXT"}
    done = subprocess.run(
        [node, "--test", *files], cwd=WEB, env=surroundings, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout[-10_000:]
