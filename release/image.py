"""`make image`: the image of all servers without a registry of images: Debian by debootstrap, the locked packages with
their hashes checked, `buildah from scratch`. Writes an OCI archive, dist/fechatter.oci.tar.

It needs root, debootstrap, buildah, and Debian's archive. `skopeo copy oci-archive:dist/fechatter.oci.tar
docker://registry.example.com/fechatter:0.1.0` uploads it.
"""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from fechatter_client import __version__

from release.__main__ import ASSETS, ROOT, build, bundle

ARCHIVE: Final = ROOT / "dist" / "fechatter.oci.tar"
SUITE: Final = "bookworm"
# Its Python, and where that looks for packages which are not Debian's.
PYTHON: Final = "3.11"
PACKAGES: Final = "usr/local/lib/python3.11/dist-packages"
# As in docker/Dockerfile.
USER: Final = 10001
EXTRAS: Final = ("nats", "s3")
ENVIRONMENT: Final = {
    "PYTHONUNBUFFERED": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "FECHATTER_MODE": "production",
    "FECHATTER_DATA_DIR": "/var/lib/fechatter",
    "FECHATTER_SERVER__HOST": "0.0.0.0",  # noqa: S104
    "FECHATTER_NOTIFY__HOST": "0.0.0.0",  # noqa: S104
    "FECHATTER_DELIVERY__HOST": "0.0.0.0",  # noqa: S104
}
PORTS: Final = (6686, 6687, 6688)
# What no server reads: manuals, translations, the package manager's lists and what it has fetched.
NEEDLESS: Final = (
    "usr/share/doc",
    "usr/share/man",
    "usr/share/info",
    "usr/share/locale",
    "usr/share/lintian",
    "var/cache/apt",
    "var/cache/debconf",
    "var/lib/apt/lists",
    "var/log",
)
LAUNCHER: Final = "#!/usr/bin/python3\nimport sys\nfrom fechatter.cli import main\nsys.exit(main())\n"


def missing() -> str | None:
    """Why no image can be made here; None if one can."""
    if os.geteuid() != 0:
        return "it needs root, for debootstrap"
    lacking = [program for program in ("debootstrap", "buildah") if shutil.which(program, path=_path()) is None]
    return f"these are not installed: {', '.join(lacking)} (Debian has them)" if lacking else None


def _path() -> str:
    return f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"


def run(*command: str | Path) -> str:
    """What it prints. Raises CalledProcessError, with its complaints on our stderr."""
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, "PATH": _path()})
    return done.stdout.strip()


def make_root(root: Path, folder: Path) -> None:
    """The file system of the image."""
    mirror = [each] if (each := os.environ.get("DEBIAN_MIRROR")) else []  # else debootstrap's own
    run("debootstrap", "--variant=minbase", "--include=python3,ca-certificates,tzdata", SUITE, root, *mirror)
    say("Debian is there")
    try:
        bundle(ASSETS)
        build(ROOT, folder)
    finally:
        shutil.rmtree(ASSETS, ignore_errors=True)
    into: list[str | Path] = ["--target", root / PACKAGES, "--python-version", PYTHON]
    into += ["--python-platform", f"{platform.machine()}-unknown-linux-gnu", "--python", sys.executable]
    uv = shutil.which("uv", path=Path(sys.executable).parent) or "uv"
    extras = [part for name in EXTRAS for part in ("--extra", name)]
    locked = ("--require-hashes", "--constraints", ROOT / "requirements.lock", "-r", ROOT / "pyproject.toml")
    run(uv, "pip", "install", "--quiet", *into, *locked, *extras)
    [wheel] = folder.glob("fechatter-*.whl")
    run(uv, "pip", "install", "--quiet", "--no-deps", "--offline", *into, wheel)
    shutil.rmtree(root / PACKAGES / "bin", ignore_errors=True)  # for this machine's Python
    launcher = root / "usr/local/bin/fechatter"
    launcher.write_text(LAUNCHER)
    launcher.chmod(0o755)
    run("chroot", root, "python3", "-m", "compileall", "-q", f"/{PACKAGES}")
    say("the packages are there")
    accounts = f"fechatter:x:{USER}:{USER}::/nonexistent:/usr/sbin/nologin\n"
    with (root / "etc/passwd").open("a") as passwd, (root / "etc/group").open("a") as group:
        passwd.write(accounts)
        group.write(f"fechatter:x:{USER}:\n")
    run("install", "-d", "-o", str(USER), "-g", str(USER), "-m", "700", root / "var/lib/fechatter")
    for name in NEEDLESS:
        shutil.rmtree(root / name, ignore_errors=True)
    (root / "var/log").mkdir()


def commit(root: Path, store: Path, archive: Path) -> None:
    buildah = ("buildah", "--storage-driver", "vfs", "--root", store / "root", "--runroot", store / "run")
    container = run(*buildah, "from", "scratch")
    run(*buildah, "add", "--quiet", container, root, "/")
    settings = [f"--env={name}={value}" for name, value in ENVIRONMENT.items()]
    settings += [f"--port={port}" for port in PORTS]
    settings += [f"--user={USER}:{USER}", "--workingdir=/", '--cmd=["fechatter", "--help"]']
    settings += [f"--label=org.opencontainers.image.version={__version__}"]
    settings += ["--label=org.opencontainers.image.licenses=Apache-2.0"]
    run(*buildah, "config", *settings, container)
    archive.parent.mkdir(exist_ok=True)
    archive.unlink(missing_ok=True)
    run(*buildah, "commit", "--quiet", "--rm", "--disable-compression=false", container, f"oci-archive:{archive}")


def say(text: str) -> None:
    print(f"[{time.monotonic() - _started:6.1f}s] image: {text}", file=sys.stderr)


def main() -> int:
    if reason := missing():
        print(f"image: none is made: {reason}", file=sys.stderr)
        return 1
    # Device files and owners: not every /tmp takes them.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        root = Path(folder) / "image"
        make_root(root, Path(folder) / "wheel")
        root.chmod(0o755)
        size = int(run("du", "-sm", root).split()[0])
        commit(root, Path(folder) / "store", ARCHIVE)
    say(f"{ARCHIVE.relative_to(ROOT)}: {ARCHIVE.stat().st_size >> 20} MB, {size} MB unpacked")
    return 0


_started = time.monotonic()

if __name__ == "__main__":
    sys.exit(main())
