"""Requests to hosts that somebody else chose, and to no others."""

import asyncio
import gzip
import ssl
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from anyio import to_thread

from chat_core.outgoing.refused import Refused
from chat_server.links.fetching import Fetched, Fetcher
from tests.support.services.web_peer import WebPeer, response, web_peer

KINDS = {"text/html": 512 << 10, "image/": 2 << 20}


@pytest.fixture
async def web() -> AsyncIterator[WebPeer]:
    async with web_peer() as peer:
        yield peer


def fetcher(web: WebPeer, **more: Any) -> Fetcher:
    """One that may ask this peer, as if it were of the public Internet, and waits for it on a busy machine too."""
    tls = ssl.create_default_context()
    return Fetcher("Fechatter (link previews)", tls, {web.authority}, step_seconds=60, **more)


async def fetched(asks: Fetcher, url: str) -> Fetched:
    return await to_thread.run_sync(lambda: asks.fetch(url, KINDS))


async def refused(asks: Fetcher, url: str) -> str:
    with pytest.raises(Refused) as error:
        await fetched(asks, url)
    return str(error.value)


async def test_a_request_says_who_asks_and_nothing_else(web: WebPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    url = web.says("/a?b=c", "<title>x", "text/html; charset=gbk", "Set-Cookie: a=b")
    for _ in range(2):
        page = await fetched(fetcher(web), url + "#part")
        assert (page.body, page.media_type, page.charset, page.cut) == (b"<title>x", "text/html", "gbk", False)
    assert (
        web.requests[0]
        == web.requests[1]
        == (
            f"GET /a?b=c HTTP/1.1\r\nHost: {web.authority}\r\nUser-Agent: Fechatter (link previews)\r\n"
            "Accept: text/html, application/xhtml+xml, image/*;q=0.5\r\nAccept-Encoding: gzip\r\n"
            "Connection: close\r\n\r\n"
        )
    )


@pytest.mark.parametrize(
    "to",
    [
        *("http://169.254.169.254/latest/meta-data/", "http://127.0.0.1/", "http://localhost/", "http://[::1]/"),
        *(
            "http://[::ffff:127.0.0.1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://0/",
            "http://127.1/",
            "http://2130706433/",
        ),
        *("http://0x7f.0.0.1/", "http://0177.0.0.1/", "http://10.0.0.1/", "http://192.168.1.1/", "http://[fd00::1]/"),
        *(
            "javascript:alert(1)",
            "file:///etc/passwd",
            "ftp://example.com/",
            "http://user:word@example.com/",
            "http://",
        ),
        *("gopher://127.0.0.1:6379/_FLUSHALL", "http://example.com:6379/", "//127.0.0.1:1/", ""),
    ],
)
async def test_a_redirect_is_judged_like_a_link(web: WebPeer, to: str) -> None:
    url = web.redirects("/away", to)
    await refused(fetcher(web), url)
    assert set(web.paths()) == {"/away"}


async def test_redirects_end(web: WebPeer) -> None:
    for number in range(6):
        web.redirects(f"/{number}", f"{number + 1}")
    web.says("/4", "<title>x")
    assert (await fetched(fetcher(web), f"{web.url}/1")).target.path == "/4"
    assert await refused(fetcher(web), f"{web.url}/0") == "It redirects too often."
    assert await refused(fetcher(web), web.redirects("/loop", "/loop")) == "It redirects too often."


async def test_the_address_that_was_checked_is_the_one_that_is_asked(web: WebPeer) -> None:
    """A name that leads to a public address first, and within afterwards, gains nothing."""
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    asked: list[tuple[str, int]] = []

    def resolve(host: str, port: int) -> list[str]:
        return next(answers)

    def connect(address: tuple[str, int], *_: object, **__: object) -> None:
        asked.append(address)
        raise OSError("no network here")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("socket.create_connection", connect)
        rebinding = Fetcher("x", ssl.create_default_context(), (), resolve)
        with pytest.raises(OSError, match="no network here"):
            rebinding.fetch("http://rebinding.example/", KINDS)
    assert asked == [("93.184.216.34", 80)]  # an address, which no resolver is asked about again
    with pytest.raises(Refused, match="public Internet"):
        rebinding.fetch("http://rebinding.example/", KINDS)
    assert web.requests == []


async def test_of_several_addresses_only_public_ones_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def connect(address: tuple[str, int], *_: object, **__: object) -> None:
        asked.append(address[0])
        raise OSError("no network here")

    monkeypatch.setattr("socket.create_connection", connect)
    mixed = Fetcher("x", ssl.create_default_context(), (), lambda *_: ["127.0.0.1", "1.1.1.1", "::1", "2606:4700::1"])
    with pytest.raises(OSError, match="no network here"):
        mixed.fetch("http://mixed.example/", KINDS)
    assert asked == ["1.1.1.1", "2606:4700::1"]


async def test_only_what_was_asked_for_is_read(web: WebPeer) -> None:
    asks = fetcher(web)
    assert "application/pdf" in await refused(asks, web.says("/pdf", b"%PDF-", "application/pdf"))
    assert "text/plain" in await refused(asks, web.says("/none", b"x", ""))
    assert "multipart" in await refused(asks, web.says("/many", b"x", "multipart/x-mixed-replace"))
    assert await refused(asks, f"{web.url}/missing") == "It answers 404."
    web.answers["/junk"] = b"SSH-2.0-OpenSSH_9.2\r\n"
    with pytest.raises(Exception, match="SSH"):
        await fetched(asks, f"{web.url}/junk")
    assert "compressed" in await refused(asks, web.says("/br", b"x", "text/html", "Content-Encoding: br"))
    assert "compressed" in await refused(asks, web.says("/bad", b"xxxx", "text/html", "Content-Encoding: gzip"))


def _gzip_bomb() -> bytes:
    """Zeros, in a thousandth of their size."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([*(packer.compress(bytes(1 << 20)) for _ in range(64)), packer.flush()])


async def test_a_body_is_read_as_far_as_it_may_be(web: WebPeer) -> None:
    asks = fetcher(web)
    page = await fetched(asks, web.says("/gzip", gzip.compress(b"<title>x"), "text/html", "Content-Encoding: gzip"))
    assert (page.body, page.cut) == (b"<title>x", False)
    url = web.says("/bomb", _gzip_bomb(), "text/html", "Content-Encoding: gzip")
    tracemalloc.start()
    try:
        bomb = await fetched(asks, url)
        assert (len(bomb.body), bomb.cut) == (512 << 10, True)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20, "64 MiB are never unpacked"
    finally:
        tracemalloc.stop()
    large = await fetched(asks, web.says("/large", b"x" * (3 << 20), "image/png"))
    assert (len(large.body), large.cut) == (2 << 20, True)

    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"10000\r\n" + bytes(1 << 16) + b"\r\n")
            await writer.drain()

    web.answers["/endless"] = endless
    page = await fetched(asks, f"{web.url}/endless")
    assert (len(page.body), page.cut) == (512 << 10, True)


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 " + b"2" * 100_000 + b"\r\n\r\n",
        response(b"x", "text/html").replace(b"Content-Length: 1", b"Transfer-Encoding: chunked") + b"zz\r\n",
    ],
)
async def test_heads_are_bounded(web: WebPeer, head: bytes) -> None:
    web.answers["/"] = head
    with pytest.raises(Exception, match=r"(?i)header|line|incomplete|read|status"):
        await fetched(fetcher(web), f"{web.url}/")


async def test_certificates_are_those_of_the_name(certificate: Callable[[str], tuple[Path, Path]]) -> None:
    """The name is sent (SNI) and verified, while the connection is made to an address."""
    chain, key = certificate("wiki.example")
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(chain, key)
    names: list[str | None] = []
    serving.sni_callback = lambda _socket, name, _context: names.append(name)
    trusting = ssl.create_default_context(cafile=str(chain))
    async with web_peer(tls=serving) as web:
        web.says("/", "<title>x")
        exempt = {f"{name}:{web.port}" for name in ("wiki.example", "other.example")}
        asks = Fetcher("x", trusting, exempt, lambda *_: ["127.0.0.1"], step_seconds=60)
        assert (await fetched(asks, f"https://wiki.example:{web.port}/")).body == b"<title>x"
        for strange, context in (("other", trusting), ("wiki", ssl.create_default_context())):
            with pytest.raises(ssl.SSLCertVerificationError):
                await fetched(
                    Fetcher("x", context, exempt, lambda *_: ["127.0.0.1"], step_seconds=60),
                    f"https://{strange}.example:{web.port}/",
                )
        assert names[0] == "wiki.example"
        assert len(web.requests) == 1
