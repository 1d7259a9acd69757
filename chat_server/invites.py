"""What invites to chats and to boards have in common: a token that is shown to who makes one, and kept nowhere."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
from asyncpg import Record
from litestar import Response
from msgspec import Meta

from chat_core.pool import Connection, Pool
from chat_core.problems import Problem
from chat_core.queries import query
from chat_core.tokens import hash_secret, new_secret
from chat_server.answers import created
from chat_server.api_request import ApiRequest
from chat_server.fields import Seconds
from chat_server.idempotency import once

INVITE_BY_TOKEN = query("invite_by_token", "hash")

ACTION = "invite by link"
WEEK = 7 * 24 * 3600


class InviteTerms(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`expires_in` is in seconds, a week if not given. Without `max_uses` it lets any number in."""

    expires_in: Seconds = WEEK
    max_uses: Annotated[int, Meta(ge=1, le=10_000)] | None = None


async def create(
    request: ApiRequest,
    idempotency_key: str | None,
    make: Callable[[Connection, bytes], Awaitable[str]],
    seen: Callable[[Connection], Awaitable[object]],
) -> Response[Any]:
    """Answers what `make` makes of the hash of a token, with the token; a retry too, after `seen`."""
    token_of = request.parts.signer.secret_of

    # What is kept for a retry has the seed in the token's place.
    async def make_seeded(connection: Connection) -> Response[Any]:
        seed, _ = new_secret()
        made = await make(connection, hash_secret(token_of(seed)))
        seeded = msgspec.json.encode({**msgspec.json.decode(made), "token": seed}).decode()
        return created(seeded, request.url.path)

    async def still_good(connection: Connection, first: Any) -> None:
        await seen(connection)
        await by_token(connection, token_of(first["token"]))

    answer = await once(request, idempotency_key, make_seeded, still_good)
    shown = msgspec.json.decode(answer.content)
    answer.content = msgspec.json.encode({**shown, "token": token_of(shown["token"])})
    return answer


async def by_token(connection: Connection | Pool, token: str) -> Record:
    """An invite that has not ended, though it may be used up. Raises Problem 404."""
    invite = await INVITE_BY_TOKEN.row(connection, hash=hash_secret(token))
    if invite is None:
        raise no_invite()
    return invite


def no_invite() -> Problem:
    return Problem(
        404, "not_found", "There is no such invite, or it has expired, was revoked, is used up, or its maker has gone."
    )
