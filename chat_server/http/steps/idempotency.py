"""`Idempotency-Key`: a call that creates something may be repeated, and is done once.

The first response is stored for a day, in the transaction that creates. A retry with the same key, path and body gets
it again, with 200, as long as its caller may still see it. The batch of a message handles its own keys (`writer.py`),
in the same table.
"""

import hashlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Annotated, Any, TypeVar

import msgspec
from litestar import Response
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.http.api_request import ApiRequest
from chat_server.http.fields import VISIBLE_ASCII
from chat_server.http.verbatim import verbatim

Answer = TypeVar("Answer")
Create = Callable[[Connection], Awaitable[Response[Answer]]]
# Raises Problem unless the caller may now see the first response (its JSON, decoded).
Seen = Callable[[Connection, Any], Awaitable[object]]

IDEMPOTENCY_KEEP = query("idempotency_keep", "user", "key", "fingerprint", "answer")
IDEMPOTENCY_TAKE = query("idempotency_take", "user", "key", "fingerprint")

IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        max_length=255,
        pattern=VISIBLE_ASCII,
        description="Makes a retry safe: with the same key and body it returns the first response, with 200.",
    ),
]


def retried(answer: type, description: str = "The first response to this Idempotency-Key.") -> dict[int, ResponseSpec]:
    """For `responses` of a handler that creates: the response to a retry."""
    return {200: ResponseSpec(answer, description=description)}


def conflict() -> Problem:
    return Problem(409, "idempotency_conflict", "This Idempotency-Key was used for something else; use a new one.")


async def once(request: ApiRequest, key: str | None, create: Create[Answer], seen: Seen) -> Response[Answer]:
    """Runs `create` in a transaction, or returns the stored response to this key, after `seen`. Failures are not
    stored, nor a resource that `create` has found to exist."""
    async with request.transaction() as connection:
        if key is None:
            return await create(connection)
        asked = {"user": request.caller.user_id, "key": key, "fingerprint": await _fingerprint(request)}
        known = await IDEMPOTENCY_TAKE.one(connection, **asked)
        if known["outcome"] == "conflict":
            raise conflict()
        if known["outcome"] == "repeated":
            await seen(connection, msgspec.json.decode(known["answer"]))
            return verbatim(known["answer"])
        response: Response[Any] = await create(connection)
        if response.status_code == 201:
            await IDEMPOTENCY_KEEP.row(connection, **asked, answer=response.content.decode())
        return response


async def _fingerprint(request: ApiRequest) -> bytes:
    """The hash of a request: the same JSON is the same in any notation. A token's workspace stands in for one that a
    body does not name, and a delegate is part of what they ask for somebody else."""
    body = await request.body()
    with suppress(msgspec.DecodeError):  # a route without a body ignores one
        body = msgspec.json.encode(msgspec.json.decode(body), order="sorted")
    bound = "" if request.caller.workspace_id is None else f" in {request.caller.workspace_id}"
    if request.caller.delegate_id is not None:
        bound += f" by {request.caller.delegate_id}"
    return hashlib.sha256(f"{request.method} {request.url.path}{bound}\n".encode() + body).digest()
