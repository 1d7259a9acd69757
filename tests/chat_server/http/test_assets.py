"""Pages that load bundles, as packages do; a checkout has none, and its pages load modules (test_pages.py)."""

import gzip
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest

from chat_server.http import assets, pages
from tests.chat_server.people import ChatServer, problem
from tests.support import bundles
from tests.support.clients.plain_http import plain_http

pytestmark = pytest.mark.skipif(not bundles.possible(), reason="bundles are made by node")


@pytest.fixture
def bundled(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    made = bundles.bundles()
    monkeypatch.setattr(assets, "FOLDER", made)
    pages._template.cache_clear()
    yield made
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
    for path in ("/", "/admin", "/signin", "/board/1", "/page/1", "/invite/x", "/boards"):
        page = (await chat_server.anybody.get(path)).text
        named = re.findall(r'(?:src|href)="(/(?:pages|assets)/[^"]+\.(?:js|css))"', page)
        assert named
        assert all(address.startswith("/assets/") for address in named), named
        loaded |= set(named)
    assert loaded <= {*made["addresses"].values(), *(needed for one in made["needs"].values() for needed in one)}
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


async def test_what_a_chat_needs_before_it_is_seen_is_within_its_budget(bundled: Path, chat_server: ChatServer) -> None:
    page = (await chat_server.anybody.get("/")).text
    named = [address.removeprefix("/assets/") for address in re.findall(r'"(/assets/[^"]+)"', page)]
    assert len(named) <= 5  # requests, which all begin at once
    for name in named:
        static = re.findall(rb'(?:from|import)"\./([\w-]+\.js)"', (bundled / name).read_bytes())
        assert {other.decode() for other in static} <= set(named)
    english, chinese = (next(bundled.glob(f"{language}-*.js")) for language in ("en", "zh"))
    assert "操作未成功" in chinese.read_text()
    loaded_in_english = "".join((bundled / name).read_text() for name in (*named, english.name))
    assert '"failed.title"' in loaded_in_english
    assert "操作未成功" not in loaded_in_english  # a row of words/dialogs.js
    words = max(_sent(english), _sent(chinese))
    assert sum(_sent(bundled / name) for name in named) + words <= 90_000


def _sent(file: Path) -> int:
    compressed = file.with_name(f"{file.name}.br")
    return (compressed if compressed.exists() else file).stat().st_size
