"""The head of a request: what its URL and its fields say."""

import urllib.parse
from typing import NamedTuple

import httptools

from chat_core.problems import FieldError, Problem


class Head(NamedTuple):
    """`has_body`: it may be empty. `upgrades`: to another protocol. `expects`: the client waits for 100 Continue."""

    method: str
    version: str
    body_bytes: int
    has_body: bool
    upgrades: bool
    expects: bool


def read_head(parser: httptools.HttpRequestParser, headers: list[tuple[bytes, bytes]]) -> Head:
    """Raises Problem."""
    fields, version = dict(headers), parser.get_http_version()
    if version not in ("1.1", "1.0"):
        raise Problem(505, "http_version_not_supported", "This server speaks HTTP/1.1.")
    doubled = len(fields) < len(headers) and [name for name, _ in headers].count(b"host") > 1
    if doubled or (version == "1.1" and b"host" not in fields):
        raise Problem(400, "bad_http", "A request must have exactly one Host header.")
    body_bytes = int(fields.get(b"content-length", 0))
    has_body = b"transfer-encoding" in fields or body_bytes > 0
    upgrades = parser.should_upgrade()
    if upgrades and has_body:
        raise Problem(400, "bad_http", "A request to upgrade must not have a body.")
    expects = version == "1.1" and fields.get(b"expect", b"").lower() == b"100-continue"
    return Head(parser.get_method().decode("ascii"), version, body_bytes, has_body, upgrades, expects)


def read_url(url: bytes) -> tuple[str, bytes, bytes]:
    """The path, decoded and as it came, and the query. Where they are percent-encoded they must be UTF-8: raises
    Problem."""
    parsed = httptools.parse_url(url)
    raw_path, query = parsed.path or b"/", parsed.query or b""
    path = raw_path.decode("ascii")
    where = "path"
    try:
        if "%" in path:
            path = urllib.parse.unquote(path, errors="strict")
        where = "query"
        if b"%" in query or not query.isascii():
            urllib.parse.unquote_to_bytes(query).decode()
    except UnicodeDecodeError:
        expected = "UTF-8, percent-encoded"
        raise Problem(400, "malformed_url", f"{where}: expected {expected}.", [FieldError(where, expected)]) from None
    return path, raw_path, query
