"""`python -m release [FOLDER]`: the sdist and wheel of both packages, the SBOM, the tested versions of dependencies and
the checksums, in `dist/`.

Nothing is downloaded: the build backend is the locked one of .venv. The same commit gives the same bytes, except for
the time in the SBOM.
"""

import hashlib
import re
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

from fechatter_client import __version__
from packaging.utils import canonicalize_name

from release import sbom
from release.packages import needed_by

ROOT = Path(__file__).parent.parent
PROJECTS = (ROOT, ROOT / "client")
ASSETS = ROOT / "chat_server/assets"


def main() -> int:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist"
    if __version__ not in released((ROOT / "CHANGELOG.md").read_text()):
        print(f"release: CHANGELOG.md has no section [{__version__}] with a date", file=sys.stderr)
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    try:
        bundle(ASSETS)
        for project in PROJECTS:
            build(project, folder)
    finally:  # a checkout serves modules, which change
        shutil.rmtree(ASSETS, ignore_errors=True)
    (folder / f"fechatter-{__version__}.cdx.json").write_text(sbom.text(__version__))
    (folder / f"fechatter-{__version__}-constraints.txt").write_text(constraints())
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in sorted(folder.iterdir())]
    (folder / "SHA256SUMS").write_text("".join(lines))
    print("".join(lines), end="")
    return 0


def released(changelog: str) -> dict[str, str]:
    """Version → date, newest first."""
    return dict(re.findall(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)$", changelog, re.MULTILINE))


def constraints() -> str:
    """The tested versions, for `pip install -c`, which accepts no hashes if a wheel has none."""
    names = needed_by(distribution("fechatter").requires or ())
    locked = re.findall(r"^([\w-]+==[^\s\\]+(?: ; [^\\\n]+)?)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    kept = [line.strip() for line in locked if canonicalize_name(line.partition("==")[0]) in names]
    return "".join(f"{line}\n" for line in kept)


def bundle(folder: Path) -> None:
    """The pages' bundles. Without node, or what npm has of web/, the wheel has the modules alone, as a checkout."""
    node = shutil.which("node")
    if node is None or not (ROOT / "web/node_modules/esbuild").is_dir():
        print(
            "release: without node and `make web/node_modules/.package-lock.json`, pages are not bundled",
            file=sys.stderr,
        )
        return
    subprocess.run([node, "bundles/assets.mjs", folder], check=True, cwd=ROOT / "web")


def build(project: Path, folder: Path) -> None:
    """The sdist, and the wheel built from it."""
    uv = shutil.which("uv", path=Path(sys.executable).parent) or "uv"
    options = ("--quiet", "--offline", "--no-build-isolation", "--no-create-gitignore", "--python", sys.executable)
    subprocess.run([uv, "build", *options, "--out-dir", folder, project], check=True, cwd=ROOT)


if __name__ == "__main__":
    sys.exit(main())
