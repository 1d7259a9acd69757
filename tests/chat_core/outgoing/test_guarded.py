"""Requests to addresses that users give: what they reach, and what they never do."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from httpcore import AnyIOBackend, ConnectError

from chat_core.outgoing.guarded import Answer, Guarded, Unreachable
from chat_core.outgoing.refused import Refused
from tests.support.services.web_peer import WebPeer, web_peer

# What a user may write, and where its name leads (none: the machine's own resolver is asked).
REFUSED: list[tuple[str, list[str] | None]] = [
    ("https://127.0.0.1/", None),
    ("https://127.1/", None),
    ("https://0/", None),
    ("https://2130706433/", None),
    ("https://0x7f.0.0.1/", None),
    ("https://0177.0.0.1/", None),
    ("https://localhost/", None),
    ("https://10.0.0.1/", None),
    ("https://172.16.9.9/", None),
    ("https://192.168.1.1/", None),
    ("https://100.64.0.1/", None),
    ("https://169.254.169.254/latest/meta-data/", None),
    ("https://[::1]/", None),
    ("https://[::]/", None),
    ("https://[::ffff:127.0.0.1]/", None),
    ("https://[::ffff:a9fe:a9fe]/", None),
    ("https://[64:ff9b::7f00:1]/", None),
    ("https://[64:ff9b:1::a9fe:a9fe]/", None),
    ("https://[2002:7f00:1::]/", None),
    ("https://[2001:0:4136:e378:8000:63bf:80ff:fffe]/", None),
    ("https://[fd00:ec2::254]/", None),
    ("https://[fe80::1]/", None),
    ("https://metadata.example/", ["169.254.169.254"]),
    ("https://mapped.example/", ["::ffff:10.0.0.1"]),
    ("https://nat64.example/", ["64:ff9b::a00:1"]),
    ("https://link.example/", ["fe80::1%eth0"]),
    ("https://several.example/", ["127.0.0.1", "10.0.0.1", "::1"]),
    ("https://nowhere.example/", []),
    ("http://example.com/", ["1.1.1.1"]),
    ("https://example.com:6379/", ["1.1.1.1"]),
    ("https://user:word@example.com/", ["1.1.1.1"]),
    ("https://example.com\\@127.0.0.1/", ["1.1.1.1"]),
    ("https://example.com/\r\nX: y", ["1.1.1.1"]),
    ("gopher://127.0.0.1:6379/_FLUSHALL", None),
    ("file:///etc/passwd", None),
    (f"https://{'x' * 64}.example/", ["1.1.1.1"]),
    (f"https://{'x.' * 126}xx/", ["1.1.1.1"]),
    ("", None),
]


@pytest.fixture
async def web() -> AsyncIterator[WebPeer]:
    async with web_peer() as peer:
        yield peer


async def posted(client: Guarded, url: str, seconds: float = 30, kind: str = "text/plain") -> Answer:
    return await client.post(url, b"{}", {"Content-Type": kind}, seconds=seconds, most_bytes=100)


class Wire:
    """Stands for the network: connections to it fail, and it notes which were tried."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[tuple[str, int]] = []

        async def connect(_wire: object, host: str, port: int, *_: object) -> None:
            self.asked.append((host, port))
            raise ConnectError("no network here")

        monkeypatch.setattr(AnyIOBackend, "connect_tcp", connect)


@pytest.mark.parametrize(("url", "addresses"), REFUSED)
async def test_what_is_never_connected_to(
    monkeypatch: pytest.MonkeyPatch, url: str, addresses: list[str] | None
) -> None:
    wire = Wire(monkeypatch)
    client = Guarded("x") if addresses is None else Guarded("x", resolve=lambda *_: addresses)
    with pytest.raises(Refused):
        await posted(client, url)
    assert wire.asked == []
    await client.close()


async def test_a_resolver_that_takes_a_name_for_none_reaches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(*_: object) -> list[str]:
        raise UnicodeError("label too long")

    wire = Wire(monkeypatch)
    client = Guarded("x", resolve=resolve)
    for longest in (f"https://{'x' * 63}.example/", f"https://{'x.' * 126}x./"):
        with pytest.raises(Unreachable, match="label too long"):
            await posted(client, longest)
    assert wire.asked == []
    await client.close()


async def test_the_address_that_was_checked_is_the_one_that_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads to a public address first, and within afterwards, gains nothing."""
    wire = Wire(monkeypatch)
    answers = iter([["93.184.216.34", "127.0.0.1", "::ffff:10.0.0.1", "2606:4700::1", "8.8.8.8"], ["127.0.0.1"]])
    client = Guarded("x", resolve=lambda *_: next(answers))
    with pytest.raises(Unreachable, match="no network here"):
        await posted(client, "https://rebinding.example/")
    assert wire.asked == [("93.184.216.34", 443), ("2606:4700::1", 443)]  # addresses, which no resolver is asked about
    with pytest.raises(Refused, match="public Internet"):
        await posted(client, "https://rebinding.example/")
    assert len(wire.asked) == 2
    await client.close()


async def test_a_request_says_who_asks_and_follows_nothing(web: WebPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    client = Guarded("Fechatter (webhooks)", {web.authority})
    url = web.redirects("/a?b=c", "http://169.254.169.254/")
    answer = await posted(client, url, kind="application/json")
    assert (answer.status, answer.headers["location"]) == (302, "http://169.254.169.254/")
    assert web.requests == [
        f"POST /a?b=c HTTP/1.1\r\nHost: {web.authority}\r\nUser-Agent: Fechatter (webhooks)\r\n"
        "Accept-Encoding: identity\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n"
    ]
    await client.close()


async def test_size_and_time_are_bounded(web: WebPeer) -> None:
    client = Guarded("x", {web.authority})
    assert await posted(client, web.says("/small", b"x" * 100)) == Answer(
        200, {"content-type": "text/html; charset=utf-8", "content-length": "100"}, b"x" * 100, False
    )

    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"10000\r\n" + bytes(1 << 16) + b"\r\n")
            await writer.drain()

    async def silent(_writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async def dripping(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X: y\r\n")
            await writer.drain()
            await asyncio.sleep(0.01)

    web.answers |= {"/endless": endless, "/silent": silent, "/dripping": dripping, "/junk": b"SSH-2.0-OpenSSH_9.2\r\n"}
    web.answers["/head"] = b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000 + b"\r\n\r\n"
    endless_answer = await posted(client, f"{web.url}/endless")
    assert (len(endless_answer.body), endless_answer.cut) == (100, True)
    for path in ("/silent", "/dripping"):
        with pytest.raises(Unreachable, match=r"no answer within 0\.2 s|Protocol"):
            await posted(client, f"{web.url}{path}", seconds=0.2)
    for path in ("/junk", "/head"):
        with pytest.raises(Unreachable, match="Protocol"):
            await posted(client, f"{web.url}{path}")
    await client.close()


async def test_certificates_are_those_of_the_name(certificate: Callable[[str], tuple[Path, Path]]) -> None:
    """The name is sent (SNI) and verified, while the connection is made to an address."""
    chain, key = certificate("hooks.example")
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(chain, key)
    names: list[str | None] = []
    serving.sni_callback = lambda _socket, name, _context: names.append(name)
    trusting = ssl.create_default_context(cafile=str(chain))
    async with web_peer(tls=serving) as web:
        web.says("/", "ok")
        exempt = {f"{name}:{web.port}" for name in ("hooks.example", "other.example")}

        client = Guarded("x", exempt, tls=trusting, resolve=lambda *_: ["127.0.0.1"])
        suspicious = Guarded("x", exempt, resolve=lambda *_: ["127.0.0.1"])
        assert (await posted(client, f"https://hooks.example:{web.port}/")).body == b"ok"
        for asking, strange in ((client, "other"), (suspicious, "hooks")):
            with pytest.raises(Unreachable, match=r"(?i)certificate"):
                await posted(asking, f"https://{strange}.example:{web.port}/")
        await client.close()
        await suspicious.close()
        assert names[0] == "hooks.example"
        assert len(web.requests) == 1
