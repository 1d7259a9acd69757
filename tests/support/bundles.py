"""The pages' bundles, as packages have them. A browser spends half as much on them as on a checkout's modules."""

import shutil
import subprocess
from pathlib import Path

from tests.support.once import made_once

ROOT = Path(__file__).parent.parent.parent


def possible() -> bool:
    return shutil.which("node") is not None and (ROOT / "web/node_modules/esbuild").is_dir()


def bundles() -> Path:
    """Those of the checkout as it is."""
    return made_once("bundles", _make)


def _make(folder: Path) -> None:
    subprocess.run(["node", "bundles/assets.mjs", folder], check=True, cwd=ROOT / "web")
