"""`make alerts`: Prometheus' own tool on deploy/prometheus: are the rules well formed, and do they do what their tests
say? Where it is not installed, it is taken out of Debian's package, into .tools/, and nothing is installed."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
FOLDER: Final = ROOT / "deploy" / "prometheus"
FETCHED: Final = ROOT / ".tools" / "promtool"
CHECKS: Final = [
    ["check", "config", "prometheus.yaml"],
    ["check", "rules", "rules.yaml"],
    ["test", "rules", "rules.test.yaml"],
]


def found() -> Path | None:
    installed = shutil.which("promtool")
    return Path(installed) if installed else FETCHED if FETCHED.exists() else None


def fetch() -> None:
    """Raises CalledProcessError where there is no apt-get, or no such package."""
    FETCHED.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        as_root = ("-o", "APT::Sandbox::User=root")  # another user could not write into this folder
        subprocess.run(["apt-get", "download", "-qq", *as_root, "prometheus"], cwd=folder, check=True)
        [package] = Path(folder).glob("*.deb")
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as files:
            subprocess.run(["tar", "-x", "-C", folder, "./usr/bin/promtool"], stdin=files.stdout, check=True)
        shutil.move(Path(folder) / "usr" / "bin" / "promtool", FETCHED)


def main() -> int:
    if found() is None:
        print("alerts: taking promtool out of Debian's package prometheus", file=sys.stderr)
        try:
            fetch()
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"alerts: promtool is not installed, and cannot be fetched ({error})", file=sys.stderr)
            return 1
    return max(subprocess.run([str(found()), *arguments], cwd=FOLDER).returncode for arguments in CHECKS)


if __name__ == "__main__":
    sys.exit(main())
