"""What is compressed, by what, and what never is."""

import gzip
import sys

import brotli
import pytest

from chat_server.http.encodings import preferred
from chat_server.http.steps.compression import SMALLEST
from tests.chat_server.people import PASSWORD, ChatServer, Person, ok
from tests.support.clients.plain_http import plain_http

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

DECODED = {"gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstd.decompress}


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "br"),
        ("GZIP;Q=1.0, br;q=0.5, zstd;q=0", "gzip"),
        ("*", "zstd"),
        ("zstd;q=0, *;q=0.1", "br"),
        ("br;q=0.5, identity;q=0.9", None),
        ("br;q=0.5, identity;q=0.5", "br"),
        ("gzip;q=0, br;q=x", None),
        ("deflate, compress", None),
        (";;,,=, gzip", "gzip"),
    ],
)
def test_the_client_prefers_an_encoding(accepted: str, encoding: str | None) -> None:
    assert preferred(accepted, ("zstd", "br", "gzip")) == encoding


async def raw(person: Person, path: str, encoding: str, method: str = "GET") -> tuple[dict[str, str], bytes]:
    """Headers and body as they were sent."""
    headers = {"Accept-Encoding": encoding, "Authorization": f"Bearer {person.token}"}
    async with plain_http() as http, http.stream(method, person.api.base_url.join(path), headers=headers) as answer:
        assert answer.status_code == 200
        return dict(answer.headers), b"".join([chunk async for chunk in answer.aiter_raw()])


async def test_large_texts_are_compressed_and_nothing_else_is(chat_server: ChatServer) -> None:
    [ada] = await chat_server.team("Ada")
    chat = await ada.chat()
    for number in range(12):
        await ada.say(chat, f"{number} " * 3000)
    path = f"/api/chats/{chat}/messages"
    headers, plain = await raw(ada, path, "identity")
    assert "content-encoding" not in headers
    assert headers["vary"] == "Accept-Encoding"
    assert len(plain) > 64 * 1024, "this is done in a thread"
    for address in (path, "/docs/openapi.json", "/signin", "/pages/lib/style.css"):
        _, plain = await raw(ada, address, "identity")
        for encoding, decode in DECODED.items():
            headers, body = await raw(ada, address, encoding)
            assert headers["content-encoding"] == encoding, address
            assert headers["vary"] == "Accept-Encoding"
            assert int(headers["content-length"]) == len(body) < len(plain)
            assert decode(body) == plain
            assert headers.get("etag", "W/").startswith("W/"), "the bytes are others"
            assert (await raw(ada, address, encoding, "HEAD"))[0]["content-length"] == headers["content-length"]

    # What is small, has an ETag that If-Match compares, or is told to whoever sends a cookie.
    page = await ada.page(schema="free", content={"text": "x" * 5000})
    for _ in range(8):
        ok(await ada.api.post("/api/auth/signin", json={"email": ada.email, "password": PASSWORD}))
    for address, large in (
        ("/api/workspaces", False),
        (f"/api/pages/{page}/content", True),
        ("/api/auth/sessions", True),
    ):
        headers, body = await raw(ada, address, "zstd, br, gzip")
        assert "content-encoding" not in headers, address
        assert (len(body) >= SMALLEST) == large, address
