"""What the chat client needs to start without the network."""

import json
import os
import re
import threading
from pathlib import Path

import httpx
import pytest

from chat_server.http import offline
from chat_server.http.pages import WEB
from tests.chat_server.people import ChatServer, ok

# The modules that a module loads at once, and later; in a comment the name of a type looks like the latter.
NAMED = re.compile(r'(?m)(?:^(?:import|export) (?:[^;"]* from )?|await import\()"(\.[^"]+)"')


async def test_all_that_the_chat_client_loads_is_in_the_list(chat_server: ChatServer) -> None:
    listed = ok(await chat_server.anybody.get("/offline.json"))["files"]
    page = (await chat_server.anybody.get("/")).text
    wanted = set(re.findall(r'(?:src|href)="(/pages/[^"]+\.(?:js|css|svg))"', page))
    seen: set[str] = set()
    while wanted - seen:
        path = (wanted - seen).pop()
        seen.add(path)
        content = (await chat_server.anybody.get(path)).text if path.endswith(".js") else ""
        for name in NAMED.findall(content):
            wanted.add(httpx.URL(f"http://here{path}").join(name).path)
    assert len(wanted) > 20
    assert wanted <= set(listed)
    assert all((WEB / path.removeprefix("/pages/")).is_file() for path in listed)


def test_the_build_changes_with_each_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And with nothing else: a browser asks several servers, whose files came at different times."""
    monkeypatch.setattr(offline, "WEB", tmp_path)
    (tmp_path / "chat").mkdir()
    builds = []
    for at, content in enumerate(("let a", "let b", "let a")):
        for name in ("chat.html", "chat.js"):
            (tmp_path / "chat" / name).write_text(content if name == "chat.js" else "")
            os.utime(tmp_path / "chat" / name, ns=(at, at))
        builds.append(offline._files(-1 - at).build)
    assert builds[0] == builds[2] != builds[1]


async def test_files_are_read_beside_the_event_loop(chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    threads = set()
    read_bytes = Path.read_bytes

    def noting(path: Path) -> bytes:
        threads.add(threading.get_ident())
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", noting)
    offline._files.cache_clear()
    offline._sha256.cache_clear()
    for path in ("/worker.js", "/offline.json"):
        assert (await chat_server.anybody.get(path)).status_code == 200
    assert threads
    assert threading.get_ident() not in threads


async def test_the_worker_and_the_manifest(chat_server: ChatServer) -> None:
    worker = await chat_server.anybody.get("/worker.js")
    assert worker.headers["content-type"].startswith("text/javascript")
    assert worker.headers["cache-control"] == "no-cache"
    manifest = await chat_server.anybody.get("/manifest.webmanifest")
    assert manifest.headers["content-type"].startswith("application/manifest+json")
    for icon in json.loads(manifest.text)["icons"]:
        assert (await chat_server.anybody.get(icon["src"])).headers["content-type"] == icon["type"]
