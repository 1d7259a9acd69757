"""GET /api/notifications/events: the stream over server-sent events."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chat_core.problems import DATABASE_ERRORS, Problem
from notify_server.streams.framing import SSE
from notify_server.streams.stream import Stream
from notify_server.subscriptions.delegated import acting_for, subscribe_for
from notify_server.subscriptions.subscribe import Opening, Subscriptions

HEADERS = (
    (b"cache-control", b"no-store"),
    (b"connection", b"close"),  # it carries nothing else, whenever the stream ends
    (b"x-accel-buffering", b"no"),  # nginx passes each frame on at once
    (b"content-type", b"text/event-stream; charset=utf-8"),
)


async def open_events(subscriptions: Subscriptions, request: Request) -> "StreamResponse":
    """The endpoint. Raises Problem 401, 429 or 503; database errors pass through."""
    subscriptions.refuse_when_draining()
    claims = await subscriptions.authenticate(request, "events:read")
    stream = Stream(
        number=subscriptions.next_number(),
        claims=claims,
        address=subscriptions.address(request),
        transport=request.scope["extensions"]["fechatter.connection"]["protocol"].transport,
        buffer_bytes=subscriptions.settings.notify.buffer_bytes,
        framing=SSE[request.scope["http_version"]],
    )
    asked = request.headers.get("last-event-id") or request.query_params.get("last_event_id")
    if (principal := acting_for(request)) is not None:
        return StreamResponse(await subscribe_for(subscriptions, stream, claims, principal, asked))
    return StreamResponse(await subscriptions.subscribe(stream, claims, asked))


class StreamResponse(Response):
    """The response that turns the connection into a stream, and its opening until it is live."""

    def __init__(self, opening: Opening) -> None:
        super().__init__()
        self._opening = opening

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        stream = self._opening.stream
        protocol = scope["extensions"].pop("fechatter.connection")["protocol"]
        try:
            await send({"type": "http.response.start", "status": 200, "headers": list(HEADERS)})
        except BaseException:
            stream.over()
            raise
        if not protocol.hand_over(stream):
            stream.over()
            return
        stream.begin()
        try:
            await self._opening.deliver()
        except (
            Problem,
            *DATABASE_ERRORS,
        ):  # in the replay: the client reconnects, and resumes where it ended
            stream.abort("refused")
        except BaseException:
            stream.abort("error")
            raise
