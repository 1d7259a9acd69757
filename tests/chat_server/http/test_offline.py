"""What the chat client needs to start without the network."""

import json
import os
import re

import httpx

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


async def test_the_build_changes_with_each_file(chat_server: ChatServer) -> None:
    before = offline._files(-1).build
    file = WEB / "chat" / "chat.js"
    looked_at = file.stat()
    try:
        os.utime(file, ns=(looked_at.st_atime_ns, looked_at.st_mtime_ns + 1))
        assert offline._files(-2).build != before
    finally:
        os.utime(file, ns=(looked_at.st_atime_ns, looked_at.st_mtime_ns))
    assert offline._files(-3).build == before


async def test_the_worker_and_the_manifest(chat_server: ChatServer) -> None:
    worker = await chat_server.anybody.get("/worker.js")
    assert worker.headers["content-type"].startswith("text/javascript")
    assert worker.headers["cache-control"] == "no-cache"
    manifest = await chat_server.anybody.get("/manifest.webmanifest")
    assert manifest.headers["content-type"].startswith("application/manifest+json")
    for icon in json.loads(manifest.text)["icons"]:
        assert (await chat_server.anybody.get(icon["src"])).headers["content-type"] == icon["type"]
