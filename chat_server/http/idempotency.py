"""`Idempotency-Key`: a call that creates something may be sent again, and is done once.

The first answer is kept in the transaction that creates, for a day: a retry with the same key, path and body gets it
again, with 200, as long as its caller may still see what it shows. Messages are their batch's own to look after
(`writer.py`); the keys are in the same table.
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
# Raises Problem unless the caller may see, now, what the first answer (its JSON, decoded) shows.
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
    """For `responses` of a handler that creates: what a retry gets."""
    return {200: ResponseSpec(answer, description=description)}


def conflict() -> Problem:
    return Problem(409, "idempotency_conflict", "This Idempotency-Key was used for something else; use a new one.")


async def once(request: ApiRequest, key: str | None, create: Create[Answer], seen: Seen) -> Response[Answer]:
    """Runs `create` in a transaction, or answers what it answered to this key before, after `seen`. What fails is not
    kept, nor what `create` found to be there already."""
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
    """Of what is asked for: the same JSON is the same, however it is written."""
    body = await request.body()
    with suppress(msgspec.DecodeError):  # what takes no body looks at none
        body = msgspec.json.encode(msgspec.json.decode(body), order="sorted")
    return hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + body).digest()
