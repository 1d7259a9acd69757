"""GET /api/ws: the stream over a WebSocket, whose client can also send. See docs/websocket.md."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from websockets.datastructures import Headers
from websockets.http11 import Request as Handshake
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from chat_core.http.problem_responses import response_of
from chat_core.problems import DATABASE_ERRORS, Problem, from_database, unavailable
from chat_core.tokens import Claims
from notify_server.subscriptions.delegated import acting_for, subscribe_for
from notify_server.subscriptions.subscribe import Opening, Subscriptions, bearer
from notify_server.websocket.inbound import Answers, Auth, authenticated, payload
from notify_server.websocket.origins import Origins
from notify_server.websocket.socket import Socket, Upward
from notify_server.websocket.strangers import Strangers

_VERSION = {"Sec-WebSocket-Version": "13"}


class WebSockets:
    """Opens sockets; one per server."""

    def __init__(self, subscriptions: Subscriptions, answers: Answers, origins: Origins, strangers: Strangers) -> None:
        self.subscriptions, self.answers, self.origins = subscriptions, answers, origins
        self.strangers = strangers

    async def open(self, request: Request) -> "SocketResponse":
        """The endpoint. Raises Problem 400, 401, 426, 429 or 503; database errors pass through."""
        settings = self.subscriptions.settings.notify
        self.subscriptions.refuse_when_draining()
        handshake = shake_hands(request)
        socket = Socket(
            self.subscriptions.next_number(),
            self.subscriptions.address(request),
            request.scope["extensions"]["fechatter.connection"]["protocol"].transport,
            settings,
            self.answers.answer,
        )
        if (refusal := self.origins.refusal(request.headers)) is not None:
            return SocketResponse(self, socket, handshake, refusal=refusal)
        query = request.query_params
        asked = request.headers.get("last-event-id") or query.get("last_event_id") or query.get("cursor")
        token = bearer(request)
        socket.acting_for = acting_for(request)
        if token is None and "ticket" not in query:
            return SocketResponse(self, socket, handshake, asked)
        claims = await self.subscriptions.authenticate(request, "events:read")
        socket.identify(claims)
        socket.token = token
        opening = await self._subscribe(socket, claims, asked)
        return SocketResponse(self, socket, handshake, opening=opening)

    async def _subscribe(self, socket: Socket, claims: Claims, asked: str | None) -> Opening:
        if socket.acting_for is not None:
            return await subscribe_for(self.subscriptions, socket, claims, socket.acting_for, asked)
        return await self.subscriptions.subscribe(socket, claims, asked)

    async def greet(self, socket: Socket, asked: str | None) -> Opening | None:
        """Waits for the `auth` of a socket that has neither token nor ticket. None if the socket has ended."""
        seconds = self.subscriptions.settings.notify.auth_seconds
        nothing_came = Problem(401, "unauthorized", f"Send `auth` with an access token first, within {seconds:g} s.")
        claims: Claims | None = None

        def introduce(upward: Upward) -> None:
            nonlocal claims
            if upward.type != "auth":
                raise nothing_came
            socket.token = payload(upward, Auth).token
            claims = self.subscriptions.verify(socket.token)
            socket.identify(claims)
            self.strangers.discard(socket)

        try:
            upward = await socket.introduced(seconds, introduce)
            if upward is None or claims is None:
                raise nothing_came
            opening = await self._subscribe(socket, claims, asked)
        except Problem as problem:
            self.refuse(socket, "unauthorized" if problem.status in (400, 401) else "refused", problem)
            return None
        except DATABASE_ERRORS as error:
            self.refuse(socket, "refused", from_database(error) or unavailable())
            return None
        if not socket.connected:
            socket.over()  # it was lost before the hub knew of it
            return None
        socket.send(authenticated(claims, upward))
        return opening

    def refuse(self, socket: Socket, reason: str, problem: Problem) -> None:
        """It has no place in the hub; until its connection is gone it counts as a stranger's."""
        self.strangers.add(socket)
        socket.refuse(reason, problem)


class SocketResponse(Response):
    """The response that turns the connection into a socket, and its opening until it is live."""

    def __init__(
        self,
        sockets: WebSockets,
        socket: Socket,
        handshake: bytes,
        asked: str | None = None,
        *,
        opening: Opening | None = None,
        refusal: Problem | None = None,
    ) -> None:
        super().__init__()
        self._sockets, self._socket, self._handshake = sockets, socket, handshake
        self._asked, self._opening, self._refusal = asked, opening, refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = self._socket
        protocol = scope["extensions"].pop("fechatter.connection")["protocol"]
        if socket.reason:  # its user signed out, for example, while it was opened
            socket.over()
            problem = Problem(503, "ended", f"The socket closed while it was being opened: {socket.reason}.")
            await response_of(problem)(scope, receive, send)
            return
        if not protocol.hand_over(socket):
            socket.over()
            return
        socket.begin(self._handshake)
        if self._refusal is not None:
            self._sockets.refuse(socket, self._refusal.code, self._refusal)
            return
        if self._opening is None:
            self._sockets.strangers.add(socket)
        try:
            opening = self._opening or await self._sockets.greet(socket, self._asked)
            if opening is None:
                return
            socket.admit()
            await opening.deliver()
        except (Problem, *DATABASE_ERRORS) as error:  # in the replay: the client reconnects, and resumes where it ended
            socket.refuse("refused", error if isinstance(error, Problem) else from_database(error) or unavailable())
        except BaseException:
            socket.abort("error")
            raise


def shake_hands(request: Request, subprotocol: str | None = None) -> bytes:
    """The head of the response to a valid handshake (RFC 6455, 4.2); without extensions, so nothing is compressed.
    Raises Problem 400 or 426. The socket reports whether the page's origin may connect, since a page's script cannot
    see a refused handshake."""
    if request.scope["http_version"] == "1.0":  # which has no way to upgrade (RFC 9110, 7.8)
        detail = "A WebSocket needs HTTP/1.1."
        raise Problem(426, "upgrade_required", detail, headers={"Upgrade": "websocket"} | _VERSION)
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw]
    offered = [name.strip() for name in request.headers.get("sec-websocket-protocol", "").split(",")]
    spoken = [Subprotocol(subprotocol)] if subprotocol in offered else None  # websockets insists on one that it has
    server = ServerProtocol(subprotocols=spoken, max_size=None)
    answer = server.accept(Handshake(request.url.path, Headers(pairs), method=request.method))
    if answer.status_code != 101:
        detail = (answer.body or b"").decode().partition("\n")[0]
        code = "upgrade_required" if answer.status_code == 426 else "bad_handshake"
        headers = {name: answer.headers[name] for name in ("Upgrade",) if name in answer.headers}
        raise Problem(answer.status_code, code, detail, headers=headers | _VERSION)
    return answer.serialize()
