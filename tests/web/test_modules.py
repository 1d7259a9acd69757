"""The modules of web/ and of the SDK that need no browser, tried in node: `web/tests`, `client-js/tests`."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_modules_do_in_node_what_their_tests_say() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    files = [str(file) for folder in ("web", "client-js") for file in sorted(ROOT.glob(f"{folder}/tests/*.test.js"))]
    assert files
    # A test of node's that itself runs under node's says what it found to nobody.
    env = {name: value for name, value in os.environ.items() if name != "NODE_TEST_CONTEXT"}
    done = subprocess.run(
        [node, "--test", *files],
        cwd=ROOT / "web",
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-10_000:]
