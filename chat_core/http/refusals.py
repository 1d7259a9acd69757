"""Why a connection refuses what it gets, and the bytes of the response that says so."""

from typing import Final

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from chat_core.problems import MEDIA_TYPE, Problem

# Limit of a request without its body; a chunked body's framing may have this many more for each byte of the body (a
# chunk of one byte has five).
HEAD_BYTES: Final = 32_768
FRAMING_BYTES: Final = 8


def response_of(problem: Problem, headers: list[tuple[bytes, bytes]], *, with_body: bool) -> bytes:
    """The connection's last response. `headers`: those of every response."""
    body = problem.body()
    lines = [*headers, *((name.encode(), value.encode()) for name, value in problem.headers.items())]
    lines += (
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    )
    head = b"".join(b"%b: %b\r\n" % line for line in lines)
    return b"%b%b\r\n%b" % (STATUS_LINE[problem.status], head, body if with_body else b"")


def too_large(url: bytes, *, framing: bool) -> Problem:
    """`framing`: the head is complete, and what is too large surrounds the body."""
    if framing:
        return Problem(400, "bad_http", f"The framing of the body's chunks exceeds {HEAD_BYTES} bytes.")
    if len(url) > HEAD_BYTES // 2:
        return Problem(414, "url_too_large", f"The URL and the headers together exceed {HEAD_BYTES} bytes.")
    return Problem(431, "headers_too_large", f"The headers and the URL together exceed {HEAD_BYTES} bytes.")


def too_large_body() -> Problem:
    return Problem(413, "body_too_large", "The body is larger than this server accepts.")


def too_many_bodies() -> Problem:
    detail = "Too many request bodies are being sent at the same time."
    return Problem(503, "overloaded", detail, headers={"Retry-After": "1"})


def too_much_pipelined() -> Problem:
    return Problem(429, "too_many_pipelined", "Too much was sent before the response; wait for it.")


def bad_http(error: httptools.HttpParserError) -> Problem:
    reason = " ".join(str(error).split())
    return Problem(400, "bad_http", f"Not an HTTP/1.1 request: {reason}." if reason else "Not an HTTP/1.1 request.")
