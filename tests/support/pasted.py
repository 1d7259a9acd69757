"""Blocks of pages of the docs, pasted into a shell as they stand."""

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path


def block(page: str, name: str) -> str:
    """What stands below <!-- name -->."""
    found = re.search(rf"<!-- {name} -->\n```\w+\n(.*?)```", page, re.DOTALL)
    assert found, f"the page has no block after <!-- {name} -->"
    return found[1]


def paste(script: str, folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """What it prints."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
