"""Pages that load bundles, as packages do; a checkout has none, and its pages load modules (test_pages.py)."""

import gzip
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest

from chat_server.http import assets, pages
from tests.chat_server.people import ChatServer, problem
from tests.support.clients.plain_http import plain_http

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.skipif(
    not shutil.which("node") or not (ROOT / "web/node_modules/esbuild").is_dir(), reason="bundles are made by node"
)


@pytest.fixture
def bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "assets"
    subprocess.run(["node", "bundles/assets.mjs", folder], check=True, cwd=ROOT / "web")
    monkeypatch.setattr(assets, "FOLDER", folder)
    pages._template.cache_clear()
    yield folder
    pages._template.cache_clear()


async def test_bundles_are_read_beside_the_event_loop(
    bundled: Path, chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = set()
    read_bytes = Path.read_bytes

    def noting(path: Path) -> bytes:
        threads.add(threading.get_ident())
        return read_bytes(path)

    name = json.loads((bundled / "manifest.json").read_text())["files"][0]
    assets.manifest(bundled)
    monkeypatch.setattr(Path, "read_bytes", noting)
    assert (await chat_server.anybody.get(f"/assets/{name}")).status_code == 200
    assert threads
    assert threading.get_ident() not in threads


async def test_pages_load_bundles_that_never_change(bundled: Path, chat_server: ChatServer) -> None:
    made = json.loads((bundled / "manifest.json").read_text())
    loaded = set()
    for path in ("/", "/signin", "/board/1", "/page/1", "/invite/x", "/boards"):
        page = (await chat_server.anybody.get(path)).text
        named = re.findall(r'(?:src|href)="(/(?:pages|assets)/[^"]+\.(?:js|css))"', page)
        assert named
        assert all(address.startswith("/assets/") for address in named), named
        loaded |= set(named)
    assert loaded <= set(made["addresses"].values())
    async with plain_http(base_url=chat_server.url) as http:
        for name in made["files"]:
            plain = (bundled / name).read_bytes()
            for encoding, decoded in (("identity", bytes), ("gzip", gzip.decompress), ("zstd, br", brotli.decompress)):
                async with http.stream("GET", f"/assets/{name}", headers={"Accept-Encoding": encoding}) as answer:
                    body = b"".join([chunk async for chunk in answer.aiter_raw()])
                assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
                assert answer.headers["content-type"].startswith(("text/javascript", "text/css"))
                assert (decoded(body) if "content-encoding" in answer.headers else body) == plain
                assert ("content-encoding" in answer.headers) == (encoding != "identity" and len(plain) >= 1400), name
            # What a bundle loads is there, too.
            for other in re.findall(rb'"\./([\w-]+\.js)"', plain):
                assert other.decode() in made["files"]
    for name in ("manifest.json", "nothing.js", "..%2fapp.py", f"{made['files'][0]}.br"):
        problem(await chat_server.anybody.get(f"/assets/{name}"), 404, "not_found")
    # What a chat needs before it is seen. The budget is 90 KB; it has 94 KB, and may not grow unnoticed.
    page = (await chat_server.anybody.get("/")).text
    names, size = [address.removeprefix("/assets/") for address in re.findall(r'"(/assets/[^"]+)"', page)], 0
    for name in names:  # which grows
        file = bundled / f"{name}.br"
        size += (file if file.exists() else bundled / name).stat().st_size
        static = re.findall(rb'(?:from|import)"\./([\w-]+\.js)"', (bundled / name).read_bytes())
        names += [other.decode() for other in static if other.decode() not in names]
    assert size <= 94_200
