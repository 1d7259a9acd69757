"""GET /api/notifications/events: the stream over server-sent events."""

from sse_starlette import EventSourceResponse
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from notify_server.streams.framing import SSE
from notify_server.streams.stream import Stream
from notify_server.subscriptions.subscribe import Opening, Subscriptions


async def open_events(subscriptions: Subscriptions, request: Request) -> "StreamResponse":
    """The endpoint. Raises Problem 401, 429 or 503; database errors pass through."""
    subscriptions.refuse_when_draining()
    claims = await subscriptions.authenticate(request)
    stream = Stream(
        number=subscriptions.next_number(),
        claims=claims,
        address=subscriptions.address(request),
        transport=request.scope["extensions"]["fechatter.connection"]["protocol"].transport,
        buffer_bytes=subscriptions.settings.notify.buffer_bytes,
        framing=SSE[request.scope["http_version"]],
    )
    asked = request.headers.get("last-event-id") or request.query_params.get("last_event_id")
    return StreamResponse(await subscriptions.subscribe(stream, claims, asked))


class StreamResponse(EventSourceResponse):
    """The response of a stream, until it is live. The hub's clock sends heartbeats and the server drains, so
    sse-starlette does neither."""

    def __init__(self, opening: Opening) -> None:
        super().__init__(opening.frames(), ping=0)
        self.headers["connection"] = "close"  # it carries nothing else, whenever the stream ends
        self._opening = opening
        self._replayed = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        stream = self._opening.stream

        async def send_without_end(message: Message) -> None:
            """The body continues after the opening, so its end is not sent."""
            if message["type"] == "http.response.body" and not message.get("more_body") and not stream.reason:
                self._replayed = True
            else:
                await send(message)

        try:
            await super().__call__(scope, receive, send_without_end)
        except BaseException:
            stream.over()
            raise
        protocol = scope["extensions"].pop("fechatter.connection")["protocol"]
        if self._replayed and not stream.reason and protocol.hand_over(stream):
            stream.go_live()
            return
        if self._replayed:  # it ended at the last moment
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        stream.over()
