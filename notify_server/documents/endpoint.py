"""From a request to an open document: GET /api/boards/{yjs,json}/{board_id} and /api/boards/hocuspocus, GET
/ws?pageId= and /api/pages/ws.

A page's script cannot see a refused handshake, and clients would retry forever. Every WebSocket request therefore gets
a socket, and errors are reported by its close code.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chat_core.personal_tokens import Scope as Scopes
from chat_core.problems import DATABASE_ERRORS, Problem, from_database, unavailable
from chat_core.tokens import Claims
from notify_server.documents.access import Refused
from notify_server.documents.backoff import digest
from notify_server.documents.rooms import DocumentRooms
from notify_server.documents.socket import DocumentSocket
from notify_server.subscriptions.delegated import for_oneself_alone
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


class Openings:
    """Opens documents; one per server."""

    def __init__(self, subscriptions: Subscriptions, origins: Origins, strangers: Strangers) -> None:
        self.subscriptions, self.origins, self.strangers = subscriptions, origins, strangers
        self.opening = 0

    async def open(
        self,
        request: Request,
        protocol: Callable[..., DocumentSocket],
        rooms: DocumentRooms[Any, Any],
        document_id: int = 0,
    ) -> Response:
        """The endpoint. `document_id` is ignored by protocols whose messages open documents. Problem 400, 426 or
        503."""
        self.subscriptions.refuse_when_draining()
        handshake = shake_hands(request, SUBPROTOCOL)
        address = self.subscriptions.address(request)
        transport = request.scope["extensions"]["fechatter.connection"]["protocol"].transport
        socket = protocol(self.subscriptions.next_number(), address, transport, rooms)
        socket.asked = digest(request, address)
        return DocumentResponse(self, socket, request, handshake, min(document_id, LARGEST_ID))

    @contextmanager
    def room_to_open(self) -> Iterator[None]:
        """For a known user's socket. Raises Refused if too many are being opened."""
        if self.opening >= MOST_OPENING:
            detail = "Too many documents are being opened right now; try again shortly."
            raise Refused("overloaded", Problem(503, "overloaded", detail))
        self.opening += 1
        try:
            yield
        finally:
            self.opening -= 1

    def refuse(self, socket: DocumentSocket, reason: str, problem: Problem) -> None:
        """A socket without a place counts as a stranger's until its connection is gone."""
        if socket not in socket.rooms.sockets:
            self.strangers.add(socket)
        socket.refuse(reason, problem)


class DocumentResponse(Response):
    """The response that turns the connection into a document's, and its opening."""

    def __init__(
        self, openings: Openings, socket: DocumentSocket, request: Request, handshake: bytes, document_id: int
    ) -> None:
        super().__init__()
        self._openings, self._socket, self._request = openings, socket, request
        self._handshake, self._document_id = handshake, document_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = self._socket
        if not scope["extensions"].pop("fechatter.connection")["protocol"].hand_over(socket):
            socket.over()
            return
        socket.begin(self._handshake)
        socket.go_live()
        openings = self._openings
        try:
            await self._open()
        except Refused as refused:
            openings.refuse(socket, refused.reason, refused.problem)
        except Problem as problem:
            openings.refuse(socket, "unauthorized" if problem.status in (401, 403) else "refused", problem)
        except DATABASE_ERRORS as error:
            openings.refuse(socket, "refused", from_database(error) or unavailable())
        except BaseException:
            socket.abort("error")
            raise

    async def _open(self) -> None:
        """Raises Refused, Problem 401 or 403, or a database error."""
        openings, socket, request = self._openings, self._socket, self._request
        if (refusal := openings.origins.refusal(request.headers)) is not None:
            raise Refused(refusal.code, refusal)
        for_oneself_alone(request)
        claims = await self._claims()
        if socket.reason:
            return
        if socket.places is None:  # its messages open the documents
            seconds = openings.subscriptions.settings.notify.auth_seconds
            socket.meet(claims, openings.subscriptions.verify, seconds, openings.strangers)
        elif claims is None:
            raise Problem(401, "unauthorized", "The request has neither a token nor a ticket.")
        else:
            with openings.room_to_open():
                await self._enter(claims)

    async def _claims(self) -> Claims | None:
        """The user: from the header, a subprotocol, or a ticket; None if the request has none of them. Raises
        Problem 401, and 403 for a personal access token without the scope to read; database errors pass through."""
        openings, request = self._openings, self._request
        scope = cast("Scopes", f"{self._socket.rooms.kind}s:read")
        if (token := bearer(request)) is not None or (token := _offered(request)) is not None:
            return await openings.subscriptions.accept(token, scope, request)
        openings.strangers.add(self._socket)
        if "ticket" not in request.query_params:
            return None
        return await openings.subscriptions.authenticate(request, scope)

    async def _enter(self, claims: Claims) -> None:
        socket = self._socket
        self._openings.strangers.discard(socket)
        socket.identify(claims)
        socket.rooms.add(socket)
        assert socket.places is not None  # noqa: S101 - the caller guarantees it
        peer = await socket.rooms.enter(socket, claims, self._document_id, socket.places)
        if not socket.reason:
            socket.take_place(peer)


def _offered(request: Request) -> str | None:
    """The token among the subprotocols."""
    for offered in request.headers.get("sec-websocket-protocol", "").split(","):
        if offered.strip().startswith(_TOKEN):
            return offered.strip().removeprefix(_TOKEN)
    return None
