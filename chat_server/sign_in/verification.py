"""A signed-in user enters their password again."""

from chat_core.database.queries import query
from chat_core.problems import Problem
from chat_server.http.api_request import ApiRequest
from chat_server.http.steps import limits
from chat_server.sign_in import second_factor
from chat_server.sign_in.freshness import require_fresh, require_session

ACCOUNT_OF_USER = query("account_of_user", "user")


async def verified(request: ApiRequest, password: str, *, again: bool = False) -> str:
    """The hash against which the password was verified. Wrong ones are limited by session and raise Problem 403, and so
    do personal access tokens, which change no credentials. A user who has a second factor must have shown it a short
    while ago, unless they are just proving who they are `again`."""
    require_session(request)
    if not again and await second_factor.enrolled(request, request.caller.user_id) is not None:
        await require_fresh(request)
    charged = await limits.charge_password(request)
    async with request.parts.passwords.turn(request.asker) as turn:
        hashed: str | None = await ACCOUNT_OF_USER.value(request.pool, user=request.caller.user_id)
        if hashed is None or not await turn.verify(password, hashed):
            raise wrong_password()
    await limits.refund(request, charged)
    return hashed


def wrong_password() -> Problem:
    return Problem(403, "wrong_password", "The current password is wrong.")
