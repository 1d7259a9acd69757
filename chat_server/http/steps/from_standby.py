"""Handlers that may read from a standby: those of `GET`, which read from `request.source` alone (parts/reads.py)."""

from collections.abc import Awaitable, Callable, Coroutine
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec, TypeVar

from chat_core.database.pool import Source
from chat_server.http.api_request import SOURCE, ApiRequest

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")


def from_standby(
    handler: Callable[Concatenate[ApiRequest, Parameters], Awaitable[Answer]],
) -> Callable[Concatenate[ApiRequest, Parameters], Coroutine[Any, Any, Answer]]:
    """Calls the handler once more, for the primary, where the standby has not answered."""

    async def reading(request: ApiRequest, *others: Parameters.args, **named: Parameters.kwargs) -> Answer:
        async def work(source: Source) -> Answer:
            request.scope[SOURCE] = source  # type: ignore[literal-required]
            return await handler(request, *others, **named)

        return await request.parts.reads.read(work)

    update_wrapper(reading, handler)
    return reading  # type: ignore[return-value]  # Litestar passes the request by its name
