"""The SDK as a package: size, published shape, and what is written from elsewhere. What it does is tested in node
(`client-js/tests`), and its examples on a system (`tests/client/test_examples_in_javascript.py`)."""

import gzip
import importlib.util
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SDK = ROOT / "client-js"
TOOLS = ROOT / "web" / "node_modules"
LARGEST = 13 * 1024
needs_npm = pytest.mark.skipif(
    shutil.which("npm") is None or not TOOLS.exists(), reason="npm, or what it installs in web/, is not here"
)


def test_the_types_of_events_are_those_of_the_models() -> None:
    """`make openapi` writes them."""
    written = importlib.util.spec_from_file_location("event_types", SDK / "openapi" / "event_types.py")
    assert written is not None
    assert written.loader is not None
    module = importlib.util.module_from_spec(written)
    written.loader.exec_module(module)
    assert module.FILE.read_text() == module.text()


def test_the_readme_has_the_examples_that_are_tested() -> None:
    readme = (SDK / "README.md").read_text()
    examples = list((SDK / "examples").glob("*.mjs"))
    assert len(examples) == 5
    for example in examples:
        assert f"```js\n{example.read_text()}```\n" in readme, example.name


@needs_npm
def test_it_is_small() -> None:
    bundled = subprocess.check_output(
        [TOOLS / ".bin" / "esbuild", "src/index.js", "--bundle", "--minify", "--format=esm", "--log-level=error"],
        cwd=SDK,
    )
    assert 5_000 < len(gzip.compress(bundled, 9)) <= LARGEST


@needs_npm
@pytest.mark.slow
def test_what_is_published_is_whole_and_has_its_types(tmp_path: Path) -> None:
    packed = subprocess.check_output(["npm", "pack", "--silent", "--pack-destination", tmp_path], cwd=SDK, text=True)
    archive = tmp_path / packed.split()[-1]
    linted = subprocess.run(
        [TOOLS / ".bin" / "publint", "run", archive, "--strict"], capture_output=True, text=True, check=False
    )
    assert linted.returncode == 0, linted.stdout
    modules = tmp_path / "node_modules"
    with tarfile.open(archive) as files:
        files.extractall(modules, filter="data")
    (modules / "package").rename(modules / "fechatter-client")
    names = {str(file.relative_to(modules / "fechatter-client")) for file in modules.rglob("*.*") if file.is_file()}
    assert {"README.md", "types/index.d.ts", "types/openapi.d.ts", "types/store/indexed.d.ts"} <= names
    assert not {name for name in names if name.startswith(("tests", "openapi"))}
    (tmp_path / "uses.mjs").write_text(
        'import { client, Replica } from "fechatter-client";\nimport { Store } from "fechatter-client/store.js";\n'
        "console.log(typeof client, typeof Replica, typeof Store);\n"
    )
    said = subprocess.check_output(["node", "uses.mjs"], cwd=tmp_path, text=True)
    assert said == "function function function\n"
