"""Limits on guessing passwords and on making accounts, kept in Postgres so that they hold for several servers."""

from chat_core.problems import Problem
from chat_core.queries import query
from chat_server.api_request import ApiRequest

CHAT_PASSWORD_CHARGE = query(
    "chat_password_charge", "address", "user", "chat", "per_address", "per_account", "window_seconds"
)
CHAT_PASSWORD_REFUND = query("chat_password_refund", "address", "user", "chat")
SIGN_IN_CHARGE = query("sign_in_charge", "address", "email", "per_address", "per_account", "window_seconds")
SIGN_IN_REFUND = query("sign_in_refund", "address", "email")
SIGN_UP_CHARGE = query("sign_up_charge", "address", "per_address", "window_seconds")


async def charge_sign_in(request: ApiRequest, email: str) -> None:
    """Counts one attempt, before the password is looked at. Raises Problem 429 where there were too many."""
    auth = request.parts.settings.auth
    seconds = await SIGN_IN_CHARGE.value(
        request.pool,
        address=request.address,
        email=email,
        per_address=auth.signin_attempts_per_address,
        per_account=auth.signin_attempts_per_account,
        window_seconds=auth.signin_window_seconds,
    )
    _refuse(seconds)


async def refund_sign_in(request: ApiRequest, email: str) -> None:
    """Takes the count back, for an attempt with the right password."""
    await SIGN_IN_REFUND.row(request.pool, address=request.address, email=email)


async def charge_chat_password(request: ApiRequest, chat_id: int) -> None:
    """Counts one attempt at the password of a chat, by address and by who asks. Raises Problem 429."""
    auth = request.parts.settings.auth
    seconds = await CHAT_PASSWORD_CHARGE.value(
        request.pool,
        address=request.address,
        user=request.caller.user_id,
        chat=chat_id,
        per_address=auth.signin_attempts_per_address,
        per_account=auth.signin_attempts_per_account,
        window_seconds=auth.signin_window_seconds,
    )
    _refuse(seconds)


async def refund_chat_password(request: ApiRequest, chat_id: int) -> None:
    """Takes the count back, for an attempt with the right password."""
    await CHAT_PASSWORD_REFUND.row(request.pool, address=request.address, user=request.caller.user_id, chat=chat_id)


async def charge_sign_up(request: ApiRequest) -> None:
    """Counts one new account. Raises Problem 429 where there were too many."""
    auth = request.parts.settings.auth
    seconds = await SIGN_UP_CHARGE.value(
        request.pool,
        address=request.address,
        per_address=auth.signups_per_address,
        window_seconds=auth.signin_window_seconds,
    )
    _refuse(seconds)


def _refuse(seconds: int | None) -> None:
    if seconds is not None:
        raise Problem(
            429,
            "rate_limited",
            f"Too many attempts; try again in {seconds} seconds.",
            headers={"Retry-After": str(seconds)},
        )
