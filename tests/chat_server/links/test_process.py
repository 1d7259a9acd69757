"""The process that fetches: bounded in time, without secrets, and replaced when it dies."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator

import psutil
import pytest

from chat_server.links.process import FetchFailed, Fetching, FetchProcess
from chat_server.media import landlock
from tests.support.services.web_peer import WebPeer, web_peer


@pytest.fixture
async def web() -> AsyncIterator[WebPeer]:
    async with web_peer() as peer:
        yield peer


class Impatient(FetchProcess):
    module = "tests.chat_server.links.impatient"


@pytest.fixture
async def process(web: WebPeer) -> AsyncIterator[FetchProcess]:
    """Of its own: no turns, and seconds for a call."""
    fetching = FetchProcess("Fechatter", web.authority)
    fetching.give_up_at = asyncio.get_running_loop().time() + 60
    yield fetching
    await fetching.close()


@pytest.fixture
async def impatient(web: WebPeer) -> AsyncIterator[FetchProcess]:
    fetching = Impatient("Fechatter", web.authority)
    fetching.give_up_at = asyncio.get_running_loop().time() + 60
    yield fetching
    await fetching.close()


async def slowly(writer: asyncio.StreamWriter) -> None:
    """A byte at a time, for as long as the other side takes it."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def slow_head(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X: y\r\n"[:1])
        await writer.drain()
        await asyncio.sleep(0.02)


async def continues(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0)


async def test_what_a_page_says_and_its_picture(web: WebPeer, process: FetchProcess) -> None:
    url = web.says(
        "/a/b",
        "<base href='../c/'><meta property=og:image content=d.png><title>上海".encode("gbk") + b"</title>",
        "text/html;charset=gbk",
    )
    web.says("/c/d.png", b"bytes", "image/png")
    seen = await process.look(url)
    assert (seen.title, seen.picture, seen.refused) == ("上海", b"bytes", None)
    picture = await process.look(f"{web.url}/c/d.png")
    assert (picture.title, picture.picture) == (None, b"bytes")
    nothing = await process.look(web.says("/empty", ""))
    assert nothing.refused == "It does not say what it is."
    assert (await process.look("http://169.254.169.254/")).refused == "Its address is not one of the public Internet."
    assert "gaierror" in str((await process.look("http://no-such-host.invalid/")).refused)


async def test_pictures_are_fetched_by_the_same_rules(web: WebPeer, process: FetchProcess) -> None:
    web.redirects("/inside.png", "http://127.0.0.1/x.png")
    web.says("/large.png", bytes(3 << 20), "image/png")
    web.says("/page.png", "<title>x")
    for image in ("http://169.254.169.254/x.png", "/inside.png", "/large.png", "/page.png", "javascript:x", "/missing"):
        url = web.says("/a", f"<title>x</title><meta property=og:image content='{image}'>")
        seen = await process.look(url)
        assert (seen.title, seen.picture) == ("x", None), image


async def test_redirects_and_pictures_are_counted_and_lead_to_no_busy_host(web: WebPeer, process: FetchProcess) -> None:
    """However many hosts lead to one, it is not flooded."""
    web.says("/there", "<title>x</title><meta property=og:image content=/picture.png>")
    web.says("/picture.png", b"bytes", "image/png")
    seen = await process.look(web.redirects("/away", "/there"), ["127.0.0.1"])
    assert (seen.title, seen.picture, seen.also_asked) == ("x", b"bytes", ["127.0.0.1"] * 2), "the link's own host"
    away = web.redirects("/other", "http://other.invalid/")
    assert "gaierror" in str((await process.look(away)).refused)
    seen = await process.look(away, ["other.invalid"])
    assert (seen.refused, seen.also_asked) == ("other.invalid has been asked too often.", [])
    url = web.says("/b", "<title>y</title><meta property=og:image content='http://other.invalid/a.png'>")
    seen = await process.look(url, ["other.invalid"])
    assert (seen.title, seen.picture, seen.also_asked) == ("y", None, [])


async def test_slow_answers_end(web: WebPeer, impatient: FetchProcess) -> None:
    web.answers |= {"/slow": slowly, "/head": slow_head, "/continue": continues}
    for path in ("/slow", "/head", "/continue"):
        assert (await impatient.look(web.url + path)).refused == "It takes too long.", path
    url = web.says("/a", "<title>x</title><meta property=og:image content=/slow>")
    assert (await impatient.look(url)).title == "x"
    [pid] = [child.pid for child in _workers(Impatient)]
    assert pid, "it is still the same one"


async def test_one_that_is_killed_or_hangs_is_replaced(web: WebPeer, process: FetchProcess) -> None:
    asked = asyncio.Event()

    async def hang(writer: asyncio.StreamWriter) -> None:
        asked.set()
        await asyncio.Event().wait()

    web.answers["/hang"] = hang
    looking = asyncio.create_task(process.look(f"{web.url}/hang"))
    await asked.wait()
    [child] = _workers()
    os.kill(child.pid, signal.SIGKILL)
    with pytest.raises(FetchFailed):
        await looking
    assert (await process.look(web.says("/a", "<title>x</title>"))).title == "x"
    [child] = _workers()
    os.kill(child.pid, signal.SIGSTOP)  # so not even its alarm rings
    process.give_up_at = asyncio.get_running_loop().time() + 0.2
    with pytest.raises(FetchFailed, match="too slow"):
        await process.look(f"{web.url}/a")
    assert not psutil.pid_exists(child.pid)


CONFINED = """
import json, os, signal, socket, sys
from pathlib import Path
from chat_server.media.confinement import NOT_FOR_FETCHING, confine

confine(256 << 20, 0, [], [], denied=NOT_FOR_FETCHING)
for statement in json.loads(sys.argv[1]):
    try:
        exec(statement)
    except Exception as error:
        print(type(error).__name__)
    else:
        print("done")
"""


async def tried(*statements: str) -> list[str]:
    command = [sys.executable, "-c", CONFINED, json.dumps(statements)]
    python = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    return (await python.communicate())[0].decode().split()


@pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")
async def test_it_opens_connections_and_nothing_else() -> None:
    denied = (
        "os.execv('/bin/true', ['true'])",
        "socket.create_server(('127.0.0.1', 0))",
        f"os.kill({os.getpid()}, 0)",
        "Path('/etc/passwd').read_bytes()",
        "Path('/proc/self/environ').read_bytes()",
        "Path('/tmp/x').write_text('x')",
        "bytearray(300 << 20)",
    )
    said = await tried("socket.socket().close()", *denied)
    assert said == ["done", *["PermissionError"] * (len(denied) - 1), "MemoryError"]


async def test_it_gets_no_secret_of_our_environment(
    web: WebPeer, process: FetchProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FECHATTER_DATABASE__URL", "postgresql://secret")
    await process.look(web.says("/a", "<title>x</title>"))
    [child] = _workers()
    environment = child.environ()
    assert "PATH" in environment
    assert not any(name.startswith("FECHATTER_") for name in environment)


async def test_idle_processes_end_and_others_begin(web: WebPeer) -> None:
    fetching = Fetching("Fechatter", [web.authority])
    try:
        for _ in range(2):
            async with fetching.turn("ada") as process:
                assert (await process.look(web.says("/a", "<title>x</title>"))).title == "x"
            assert len(_workers()) == 1
            await fetching.end_idle()
            assert _workers() == []
    finally:
        await fetching.close()


def _workers(kind: type[FetchProcess] = FetchProcess) -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if kind.module in child.cmdline()]
