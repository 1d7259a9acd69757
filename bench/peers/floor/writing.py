"""The floor of delivering: a bare send() for each stream and message, which is mostly the kernel's time."""

from contextlib import AbstractAsyncContextManager

from bench.peers.stock import Stock, started

NAME = "a bare send()"


def running() -> AbstractAsyncContextManager[Stock]:
    return started("bench.peers.floor.writing_app")
