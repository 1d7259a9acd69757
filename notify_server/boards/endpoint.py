"""From a request to an open board: GET /api/boards/{yjs,json}/{board_id}, and /api/boards/hocuspocus.

A page's script is told nothing of a handshake that was refused, and clients then try without end. So whoever does come
with a WebSocket gets one, and what is wrong beyond that is said by its close code.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chat_core.problems import DATABASE_ERRORS, Problem, from_database, unavailable
from chat_core.tokens import Claims
from notify_server.boards.access import Refused
from notify_server.boards.hocuspocus import Hocuspocus
from notify_server.boards.rooms import Rooms
from notify_server.boards.socket import BoardSocket
from notify_server.origins import Origins
from notify_server.subscribe import Subscriptions, bearer
from notify_server.websocket import shake_hands

# What a browser's page offers as subprotocols, since it can set no header: this one, and its token.
SUBPROTOCOL = "fechatter"
_TOKEN = "bearer."  # noqa: S105 - what is in front of one
# Sockets that have no place yet.
MOST_OPENING = 1000
LARGEST_ID = 2**63 - 1


class Boards:
    """Opens boards; one per server."""

    def __init__(self, subscriptions: Subscriptions, rooms: Rooms, origins: Origins) -> None:
        self.subscriptions, self.rooms, self.origins = subscriptions, rooms, origins
        self.opening = 0
        self.strangers: set[BoardSocket] = set()

    async def open(self, request: Request, protocol: type[BoardSocket]) -> Response:
        """The endpoint. Problem 400, 426 or 503."""
        self.subscriptions.refuse_when_draining()
        if self.opening + len(self.strangers) >= MOST_OPENING:
            raise Problem(503, "overloaded", "Too many boards are being opened; try again shortly.")
        settings = self.subscriptions.settings
        handshake = shake_hands(request, SUBPROTOCOL)
        socket = protocol(
            self.subscriptions.next_number(),
            request.client.host if request.client else "",
            request.scope["extensions"]["fechatter.connection"]["protocol"].transport,
            self.rooms,
            settings.boards,
            settings.notify.pong_seconds,
        )
        return BoardResponse(self, socket, request, handshake)

    async def claims(self, request: Request) -> Claims:
        """Who asks: by the header, a subprotocol, or a ticket. Problem 401; database errors pass through."""
        if bearer(request) is None and (token := _offered(request)) is not None:
            return self.subscriptions.verify(token)
        return await self.subscriptions.authenticate(request)


class BoardResponse(Response):
    """The answer that turns the connection into a board's, and its opening."""

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
        self._boards.opening += 1
        try:
            await self._open()
        except Refused as refused:
            socket.refuse(refused.reason, refused.problem)
        except Problem as problem:
            socket.refuse("unauthorized" if problem.status == 401 else "refused", problem)
        except DATABASE_ERRORS as error:
            socket.refuse("refused", from_database(error) or unavailable())
        except BaseException:
            socket.abort("error")
            raise
        finally:
            self._boards.opening -= 1

    async def _open(self) -> None:
        socket, request = self._socket, self._request
        if (refusal := self._boards.origins.refusal(request.headers)) is not None:
            raise Refused(refusal.code, refusal)
        if isinstance(socket, Hocuspocus):
            await self._meet(socket)
            return
        rooms = self._boards.rooms
        claims = await self._boards.claims(request)
        socket.identify(claims)
        if socket.reason:
            return
        rooms.add(socket)
        board_id = int(request.path_params["board_id"])
        peer = await rooms.enter(socket, claims, min(board_id, LARGEST_ID), socket.places)
        if not socket.reason:
            socket.take_place(peer)

    async def _meet(self, socket: Hocuspocus) -> None:
        """Its boards are opened by its messages."""
        boards, request = self._boards, self._request
        says = bearer(request) is not None or _offered(request) is not None or "ticket" in request.query_params
        given = await boards.claims(request) if says else None
        if not socket.reason:
            seconds = boards.subscriptions.settings.notify.auth_seconds
            socket.meet(given, boards.subscriptions.verify, seconds, boards.strangers)


def _offered(request: Request) -> str | None:
    """The token among the subprotocols."""
    for offered in request.headers.get("sec-websocket-protocol", "").split(","):
        if offered.strip().startswith(_TOKEN):
            return offered.strip().removeprefix(_TOKEN)
    return None
