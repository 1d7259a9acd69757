"""Streams are opened here, before Starlette: of a thousand clients that return at the same time, each opens one.

Starlette's routing and its handling of exceptions take a tenth of an opening. A plain request (GET, exactly the path)
goes to the same endpoint and gets the same answer to an error. All others go to Starlette, which also knows the routes.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]
Handlers: TypeAlias = Mapping[type[Exception], Callable[[Request, Exception], Awaitable[Response]]]


class Hot:
    """Middleware, the innermost. `endpoints` by their paths; `handlers` answer exceptions, others pass through."""

    def __init__(self, app: ASGIApp, endpoints: Mapping[str, Endpoint], handlers: Handlers) -> None:
        self._app, self._endpoints, self._handlers = app, endpoints, handlers
        self._handled = tuple(handlers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = self._endpoints.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        if endpoint is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive, send)
        try:
            response = await endpoint(request)
        except self._handled as error:
            handler = next(self._handlers[kind] for kind in type(error).__mro__ if kind in self._handlers)
            response = await handler(request, error)
        await response(scope, receive, send)
