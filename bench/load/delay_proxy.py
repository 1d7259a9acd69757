"""Forwards TCP connections to a Unix socket, and holds back everything for a while, each way: a distance.

`python -m bench.load.delay_proxy SOCKET MILLISECONDS` prints its port on 127.0.0.1. What comes later does not wait for
what came before it: only time passes, as on a long line. Threads, since an event loop's timers are too coarse.
"""

import queue
import socket
import sys
import threading
import time

SIZE = 1 << 16


def main(target: str, milliseconds: float) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
    while True:
        near, _ = listening.accept()
        near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        far = socket.socket(socket.AF_UNIX)
        far.connect(target)
        for source, sink in ((near, far), (far, near)):
            _forward(source, sink, milliseconds / 1000)


def _forward(source: socket.socket, sink: socket.socket, seconds: float) -> None:
    held: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()

    def take() -> None:
        data = b"x"
        while data:
            try:
                data = source.recv(SIZE)
            except OSError:
                data = b""
            held.put((time.monotonic() + seconds, data))

    def pass_on() -> None:
        while True:
            due, data = held.get()
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                if not data:
                    sink.shutdown(socket.SHUT_WR)
                    return
                sink.sendall(data)
            except OSError:
                return

    for work in (take, pass_on):
        threading.Thread(target=work, daemon=True).start()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
