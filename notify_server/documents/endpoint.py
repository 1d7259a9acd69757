"""From a request to an open board: GET /api/boards/{yjs,json}/{board_id}, and /api/boards/hocuspocus.

A page's script cannot see a refused handshake, and clients would retry forever. Every WebSocket request therefore gets
a socket, and errors are reported by its close code.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chat_core.problems import DATABASE_ERRORS, Problem, from_database, unavailable
from chat_core.tokens import Claims
from notify_server.documents.access import Refused
from notify_server.documents.backoff import digest
from notify_server.documents.protocols.hocuspocus import Hocuspocus
from notify_server.documents.rooms import Rooms
from notify_server.documents.socket import BoardSocket
from notify_server.subscriptions.subscribe import Subscriptions, bearer
from notify_server.websocket.endpoint import shake_hands
from notify_server.websocket.origins import Origins
from notify_server.websocket.strangers import Strangers

# The subprotocols that a browser's page offers, since it cannot set headers: this one, and its token.
SUBPROTOCOL = "fechatter"
_TOKEN = "bearer."  # noqa: S105 - the prefix of one
# Sockets of known users that have no place yet.
MOST_OPENING = 1000
LARGEST_ID = 2**63 - 1


class Boards:
    """Opens boards; one per server."""

    def __init__(self, subscriptions: Subscriptions, rooms: Rooms, origins: Origins, strangers: Strangers) -> None:
        self.subscriptions, self.rooms, self.origins = subscriptions, rooms, origins
        self.strangers = strangers
        self.opening = 0

    async def open(self, request: Request, protocol: type[BoardSocket]) -> Response:
        """The endpoint. Problem 400, 426 or 503."""
        self.subscriptions.refuse_when_draining()
        settings = self.subscriptions.settings
        handshake = shake_hands(request, SUBPROTOCOL)
        address = self.subscriptions.address(request)
        socket = protocol(
            self.subscriptions.next_number(),
            address,
            request.scope["extensions"]["fechatter.connection"]["protocol"].transport,
            self.rooms,
            settings.boards,
            settings.notify.pong_seconds,
        )
        socket.asked = digest(request, address)
        return BoardResponse(self, socket, request, handshake)

    @contextmanager
    def room_to_open(self) -> Iterator[None]:
        """For a known user's socket. Raises Refused if too many are being opened."""
        if self.opening >= MOST_OPENING:
            detail = "Too many boards are being opened right now; try again shortly."
            raise Refused("overloaded", Problem(503, "overloaded", detail))
        self.opening += 1
        try:
            yield
        finally:
            self.opening -= 1

    def refuse(self, socket: BoardSocket, reason: str, problem: Problem) -> None:
        """A socket without a place counts as a stranger's until its connection is gone."""
        if socket not in self.rooms.sockets:
            self.strangers.add(socket)
        socket.refuse(reason, problem)


class BoardResponse(Response):
    """The response that turns the connection into a board's, and its opening."""

    def __init__(self, boards: Boards, socket: BoardSocket, request: Request, handshake: bytes) -> None:
        super().__init__()
        self._boards, self._socket, self._request, self._handshake = boards, socket, request, handshake

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = self._socket
        if not scope["extensions"].pop("fechatter.connection")["protocol"].hand_over(socket):
            socket.over()
            return
        socket.begin(self._handshake)
        socket.go_live()
        boards = self._boards
        try:
            await self._open()
        except Refused as refused:
            boards.refuse(socket, refused.reason, refused.problem)
        except Problem as problem:
            boards.refuse(socket, "unauthorized" if problem.status in (401, 403) else "refused", problem)
        except DATABASE_ERRORS as error:
            boards.refuse(socket, "refused", from_database(error) or unavailable())
        except BaseException:
            socket.abort("error")
            raise

    async def _open(self) -> None:
        """Raises Refused, Problem 401 or 403, or a database error."""
        boards, socket, request = self._boards, self._socket, self._request
        if (refusal := boards.origins.refusal(request.headers)) is not None:
            raise Refused(refusal.code, refusal)
        claims = await self._claims()
        if socket.reason:
            return
        if isinstance(socket, Hocuspocus):  # its messages open the boards
            seconds = boards.subscriptions.settings.notify.auth_seconds
            socket.meet(claims, boards.subscriptions.verify, seconds, boards.strangers)
        elif claims is None:
            raise Problem(401, "unauthorized", "The request has neither a token nor a ticket.")
        else:
            with boards.room_to_open():
                await self._enter(claims)

    async def _claims(self) -> Claims | None:
        """The user: from the header, a subprotocol, or a ticket; None if the request has none of them. Raises
        Problem 401, and 403 for a personal access token without `boards:read`; database errors pass through."""
        boards, request = self._boards, self._request
        if (token := bearer(request)) is not None or (token := _offered(request)) is not None:
            return await boards.subscriptions.accept(token, "boards:read")
        boards.strangers.add(self._socket)
        if "ticket" not in request.query_params:
            return None
        return await boards.subscriptions.authenticate(request, "boards:read")

    async def _enter(self, claims: Claims) -> None:
        boards, socket = self._boards, self._socket
        boards.strangers.discard(socket)
        socket.identify(claims)
        boards.rooms.add(socket)
        board_id = int(self._request.path_params["board_id"])
        peer = await boards.rooms.enter(socket, claims, min(board_id, LARGEST_ID), socket.places)
        if not socket.reason:
            socket.take_place(peer)


def _offered(request: Request) -> str | None:
    """The token among the subprotocols."""
    for offered in request.headers.get("sec-websocket-protocol", "").split(","):
        if offered.strip().startswith(_TOKEN):
            return offered.strip().removeprefix(_TOKEN)
    return None
