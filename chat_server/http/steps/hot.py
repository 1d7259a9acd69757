"""The hot routes, which most requests go to, are answered here, before Litestar. `app.HOT` is the table of them.

For each request Litestar finds the route, converts the handler's arguments and builds the response by general
mechanisms. These cost more than all that this server does for a message. A plain request to a hot route passes the same
steps in the same order by the same functions: `authenticate`, `limits.charge`, `bodies.decode`, the route's handler,
and `errors.respond`. `_Route.arguments` says which requests are plain. All others go to Litestar untouched, so only
Litestar decides what an odd path or header means. Where nothing else is between it and the connection, `observe` asks
`Hot` itself, and writes the response as a whole (docs/adr/0032-hot-routes.md).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import msgspec
from litestar import Litestar
from litestar.exceptions import InternalServerException
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from chat_core.http.cycle import Cycle
from chat_core.load.leases import Limit
from chat_server.http import bodies
from chat_server.http.api_request import JSON_MEDIA_TYPE, ApiRequest, Parts, body_type
from chat_server.http.fields import EMOJI, VISIBLE_ASCII
from chat_server.http.steps import errors, limits
from chat_server.http.steps.authentication import authenticate
from chat_server.http.steps.observe import Answer, Answering, Application, Event, Headers, Receive, Send

# What is plain as a parameter of a path: an id without leading zeros that is less than LARGEST_ID; an emoji.
_PLAIN = {"int": "([1-9][0-9]{0,17})", "str": r"([^/\s%\x00-\x1f\x7f-\x9f]{1,64})"}
_PARAMETER = re.compile(r"\{(\w+):(int|str)\}")
_HOST = re.compile(rb"[A-Za-z0-9.:\[\]_-]*")
_LENGTH = re.compile(rb"[1-9][0-9]{0,9}")
_KEY = re.compile(VISIBLE_ASCII)
_JSON = JSON_MEDIA_TYPE.encode()
_OF_BODIES = {b"content-length", b"transfer-encoding"}


@dataclass(frozen=True, slots=True)
class _Route:
    """A hot route, with what Litestar knows of it. `template` names it in the metrics, `parameters` are those of its
    path, `limit` is the rate limit that its requests count towards, and `body` is None if it takes none."""

    method: str
    template: str
    handler: HTTPRouteHandler
    body: type[msgspec.Struct] | None
    limit: Limit | None
    path: re.Pattern[str]
    parameters: tuple[tuple[str, type[int] | type[str]], ...]
    takes_key: bool
    largest_body: int

    def arguments(self, scope: Event, headers: Mapping[bytes, bytes]) -> dict[str, Any] | None:
        """The handler's arguments from the path and the headers; None if the request is not plain."""
        if scope["method"] != self.method or (found := self.path.fullmatch(scope["path"])) is None:
            return None
        if len(headers) != len(scope["headers"]) or b"acting-for" in headers:  # one is repeated, or for somebody else
            return None
        if not (self._has_plain_body(headers) if self.body else headers.keys().isdisjoint(_OF_BODIES)):
            return None
        if not _HOST.fullmatch(headers.get(b"host", b"")):
            return None
        given = zip(self.parameters, found.groups(), strict=True)
        arguments: dict[str, Any] = {name: kind(text) for (name, kind), text in given}
        if self.takes_key and (key := headers.get(b"idempotency-key")) is not None:
            arguments["idempotency_key"] = text = key.decode("latin-1")
            if not _KEY.fullmatch(text):
                return None
        return arguments

    def _has_plain_body(self, headers: Mapping[bytes, bytes]) -> bool:
        length, media_type = headers.get(b"content-length", b""), headers.get(b"content-type", b"")
        return (
            _LENGTH.fullmatch(length) is not None
            and int(length) <= self.largest_body
            and (media_type == _JSON or media_type.partition(b";")[0].strip().lower() == _JSON)
        )


class _Request(ApiRequest):
    """A request that is made in full only if its handler asks for something that few do."""

    parts = cast("Parts", None)  # instead of the property, which looks it up each time

    def __init__(self, scope: Event, receive: Receive, send: Send, parts: Parts) -> None:
        self.scope, self.receive, self.send = cast("Any", scope), cast("Any", receive), cast("Any", send)
        self.parts = parts

    def __getattr__(self, name: str) -> Any:
        """Called for what is not there yet."""
        super().__init__(self.scope, self.receive, self.send)
        return object.__getattribute__(self, name)


class Hot:
    """The hot routes of `app`: those of `handlers`. Raises TypeError for a handler that cannot be one."""

    def __init__(self, app: Litestar, parts: Parts, handlers: Iterable[HTTPRouteHandler]) -> None:
        functions = [handler.fn for handler in handlers]
        self._app, self._parts = app, parts
        self._routes = [
            _route(route, handler, parts)
            for route in app.routes
            if isinstance(route, HTTPRoute)
            for handler in route.route_handlers
            if handler.fn in functions
        ]
        assert len(self._routes) == len(functions)  # noqa: S101 - each is registered, once

    def plain(self, scope: Event) -> Answering | None:
        """What answers a request that is plain and to one of them."""
        headers = dict(scope["headers"])
        # Litestar adds headers for pages of other origins.
        if self._app.cors_config and b"origin" in headers:
            return None
        for route in self._routes:
            if (arguments := route.arguments(scope, headers)) is not None:
                return partial(_answer, self._app, route, self._parts, arguments, headers)
        return None

    def before(self, others: Application) -> Application:
        """Plain requests are answered here, and by `others` whatever else is asked."""

        async def answered(scope: Event, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or (answering := self.plain(scope)) is None:
                await others(scope, receive, send)
                return
            status, headers, body = await answering(scope, receive, send)
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body, "more_body": False})

        return answered


def _route(route: HTTPRoute, handler: HTTPRouteHandler, parts: Parts) -> _Route:
    """Refuses a handler with steps of its own: they would not be taken here, and one may be a check of access."""
    [method] = handler.http_methods
    own = handler.dependencies, handler.middleware, handler.resolve_before_request(), handler.resolve_after_response()
    if list(handler.resolve_guards()) != [limits.guard] or any(own):
        raise TypeError(f"{handler} cannot be a hot route: it has guards, dependencies or hooks of its own")
    parameters = _PARAMETER.findall(route.path)
    given = handler.parsed_fn_signature.parameters
    texts = [given[name].kwarg_definition for name, kind in parameters if kind == "str"]
    if any(getattr(text, "pattern", None) != EMOJI for text in texts):
        raise TypeError(f"{handler} cannot be a hot route: a text in its path is not an emoji")
    return _Route(
        method=method,
        template=route.path_format,
        handler=handler,
        body=body_type(handler) if handler.parsed_data_field else None,
        limit=limits.limit_of(handler, parts.settings.limits),
        path=re.compile(_PARAMETER.sub(lambda found: _PLAIN[found[2]], route.path)),
        parameters=tuple((name, int if kind == "int" else str) for name, kind in parameters),
        takes_key="idempotency_key" in handler.parsed_fn_signature.parameters,
        largest_body=parts.settings.server.max_body_bytes,
    )


async def _answer(
    app: Litestar,
    route: _Route,
    parts: Parts,
    arguments: dict[str, Any],
    given: Mapping[bytes, bytes],
    scope: Event,
    receive: Receive,
    send: Send,
) -> Answer:
    # Litestar notes the same of a request: `observe`, `ApiRequest` and `errors` read it.
    scope["litestar_app"] = app
    scope["route_handler"] = route.handler
    scope["path_template"] = route.template
    scope["path_params"] = {name: arguments[name] for name, _ in route.parameters}
    request = _Request(scope, receive, send, parts)
    try:
        authorization = given.get(b"authorization", b"").decode("latin-1")
        scope["user"] = await authenticate(request, authorization, parts)
        await limits.charge(request, route.limit)
        if route.body:
            arguments["data"] = bodies.decode(await _body(receive), route.body)
        response = await route.handler.fn(request=request, **arguments)
    except Exception as error:
        response = errors.respond(request, error)
    if response is None:
        return route.handler.status_code, [], b""
    body: bytes = response.content
    headers: Headers = [(name.lower().encode(), value.encode()) for name, value in response.headers.items()]
    headers += ((b"content-type", str(response.media_type).encode()), (b"content-length", b"%d" % len(body)))
    return response.status_code or route.handler.status_code, headers, body


async def _body(receive: Receive) -> bytes:
    if (cycle := Cycle.of(receive)) is not None and (whole := cycle.take_body()) is not None:
        return whole
    event = await receive()
    body: bytes = event.get("body", b"")
    while event.get("more_body", False):
        event = await receive()
        body += event.get("body", b"")
    if event["type"] == "http.disconnect":
        raise InternalServerException(errors.CLIENT_LEFT)
    return body
