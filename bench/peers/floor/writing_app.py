"""`python -m bench.peers.floor.writing_app`: one blocking send() for each stream and message. Run by writing.py.

One thread and no event loop: it accepts streams until somebody posts, and then serves that connection until it ends.
Prints its address once it listens.
"""

import socket
from typing import BinaryIO

_STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
_TAKEN = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"


def main() -> None:
    streams: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0), backlog=4096) as server:
        print(f"http://127.0.0.1:{server.getsockname()[1]}", flush=True)
        published = 0
        while True:
            connection = server.accept()[0]
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection.makefile("rb") as reading:
                if (head := _head(reading)).startswith(b"GET "):
                    connection.sendall(_STREAM)
                    streams.append(connection)
                while head.startswith(b"POST "):
                    published = _publish(reading.read(_length(head)), streams, published)
                    connection.sendall(_TAKEN)
                    head = _head(reading)


def _publish(body: bytes, streams: list[socket.socket], published: int) -> int:
    """An event for each line. Returns how many there have been."""
    for data in body.splitlines():
        published += 1
        event = b"id: %d\nevent: NewMessage\ndata: %b\n\n" % (published, data)
        for stream in streams:
            stream.send(event)
    return published


def _head(reading: BinaryIO) -> bytes:
    """Of the next request; empty at the end of the connection."""
    head = b""
    while (line := reading.readline()) not in (b"\r\n", b""):
        head += line
    return head


def _length(head: bytes) -> int:
    start = head.lower().index(b"content-length:") + len(b"content-length:")
    return int(head[start : head.index(b"\r", start)])


if __name__ == "__main__":
    main()
