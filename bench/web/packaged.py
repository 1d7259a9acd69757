"""A folder in which Fechatter serves the pages' bundles, as a package does, and is this checkout otherwise."""

import shutil
import subprocess
from pathlib import Path

from bench.code import ROOT, Code
from bench.figures.result import BenchError

_LEFT_OUT = {"assets", "__pycache__"}


def possible() -> bool:
    return shutil.which("node") is not None and (ROOT / "web/node_modules/esbuild").is_dir()


def packaged(folder: Path) -> Code:
    """Makes it: `python -m fechatter` there serves bundles. They are made of the checkout as it is now."""
    if not possible():
        raise BenchError("bundles are made by node and npm: make test-tools")
    package = folder / "chat_server"
    package.mkdir(parents=True)
    _link(ROOT, folder, {"chat_server", ".git", "dist"})
    _link(ROOT / "chat_server", package, _LEFT_OUT)
    subprocess.run(["node", "bundles/assets.mjs", package / "assets"], check=True, cwd=ROOT / "web")
    return Code(folder, "a package")


def _link(source: Path, target: Path, left_out: set[str]) -> None:
    for entry in source.iterdir():
        if entry.name not in left_out:
            (target / entry.name).symlink_to(entry)
