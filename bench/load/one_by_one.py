"""A client that sends one request after the other on one connection, for servers whose answers take milliseconds."""

import socket
import time
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from bench.figures.result import BenchError
from bench.load import http
from bench.people import Person

_PATIENCE_SECONDS = 60


class OneByOne:
    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._url = url
        self._socket = socket.create_connection((parts.hostname, parts.port or 80), timeout=_PATIENCE_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()
        self._socket.close()

    def get(self, path: str, person: Person) -> float:
        """Milliseconds until the whole answer is there. BenchError unless it is 200."""
        request = http.request("GET", self._url + path, person)
        started = time.perf_counter()
        self._socket.sendall(request)
        status = self._file.readline()
        length = 0
        while (line := self._file.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        body = self._file.read(length)
        took = (time.perf_counter() - started) * 1000
        if b" 200 " not in status:
            raise BenchError(f"GET {path}: {status.decode().strip()} {body[:300].decode(errors='replace')}")
        return took
