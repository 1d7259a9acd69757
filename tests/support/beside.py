"""Python programs that only drills need: each in a folder of its own, so that none of what it needs meets ours."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


def installed(folder: Path, packages: Sequence[str]) -> str | None:
    """As a drill's need."""
    if folder.exists():
        return None
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), *packages]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else f"{packages[0]} could not be installed: {done.stderr.strip()[-200:]}"
