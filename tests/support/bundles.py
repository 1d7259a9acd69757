"""The pages' bundles, as packages have them. A browser spends half as much on them as on a checkout's modules."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

from tests.support.postgres import CLUSTERS

ROOT = Path(__file__).parent.parent.parent


def possible() -> bool:
    return shutil.which("node") is not None and (ROOT / "web/node_modules/esbuild").is_dir()


def bundles() -> Path:
    """Those of the checkout as it is. The first process of this test run that needs them makes them while the others
    wait."""
    made = Path(os.environ[CLUSTERS], "bundles")
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            new = made.with_suffix(".new")
            subprocess.run(["node", "bundles/assets.mjs", new], check=True, cwd=ROOT / "web")
            new.rename(made)
    return made
