"""Checks that a server will be able to listen, before anything is started."""

import errno
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from fechatter.errors import CommandError


@dataclass(frozen=True)
class Wanted:
    """The address of one server; port 0: any free one. `option` and `setting` are how people choose another."""

    host: str
    port: int
    option: str
    setting: str


def choose(wanted: Sequence[Wanted]) -> list[int]:
    """The port for each, bound once to try it. Raises CommandError with one sentence if that fails."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(_bind(place)) for place in wanted]
        return [bound.getsockname()[1] for bound in sockets]


def hold(host: str, port: int) -> socket.socket:
    """A socket that reserves the port for our workers, who share it by SO_REUSEPORT, even while none of them
    listens."""
    bound = socket.socket(_family(host), socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind((host, port))
        # It was for earlier connections that linger in TIME_WAIT. With it, others could bind while nobody listens;
        # without it only those that share the port deliberately can, and only under our own user.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    except OSError as error:
        bound.close()
        raise CommandError(f"port {port} on {host} cannot be used ({error.strerror})") from None
    return bound


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _bind(place: Wanted) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            place.host, place.port, _family(place.host), socket.SOCK_STREAM
        )[0]
    except socket.gaierror:
        raise CommandError(f"{place.host} is not an address to listen on: choose another with --host") from None
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen()
    except OSError as error:
        bound.close()
        where = f"port {place.port} on {place.host}"
        choose_another = f"choose another with {place.option} (or {place.setting} in app.yaml)"
        if error.errno == errno.EADDRINUSE:
            raise CommandError(f"{where} is in use by another program: stop it, or {choose_another}") from None
        if error.errno == errno.EACCES:
            raise CommandError(f"{where} cannot be used by this user: {choose_another}") from None
        raise CommandError(f"{where} cannot be used ({error.strerror}): choose another with --host") from None
    return bound


def url(host: str, port: int) -> str:
    """The URL of a server that listens there: http://127.0.0.1:6688, also for a server on all addresses."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"
