"""The addresses of accounts, as far as signing in depends on them: a link by which their owner confirms one."""

from chat_core.database.pool import Connection
from chat_core.database.queries import query
from chat_core.languages import Language, language_of
from chat_core.problems import Problem
from chat_server.http.api_request import ApiRequest

ADDRESS_IS_VERIFIED = query("address_is_verified", "user")
VERIFICATION_ASK = query("verification_ask", "user", "language", "per_recipient")


def language(request: ApiRequest) -> Language:
    """In which the client's user reads mails."""
    return language_of(request.headers.get("accept-language", ""))


def is_required(request: ApiRequest) -> bool:
    """Whether own ways in, such as a password, need an address that its owner has confirmed."""
    return request.parts.settings.mail.verification == "required"


async def ask_for_verification(request: ApiRequest, connection: Connection, user_id: int) -> int | None:
    """Sends the link, unless the address is confirmed. Returns the seconds to wait if it has been sent too many."""
    seconds: int | None = await VERIFICATION_ASK.value(
        connection,
        user=user_id,
        language=language(request),
        per_recipient=request.parts.settings.mail.links_per_recipient,
    )
    return seconds


async def require_verified(request: ApiRequest, user_id: int) -> None:
    """Raises Problem 403 if the account's address is not confirmed and has to be; its owner gets another link."""
    if is_required(request) and not await ADDRESS_IS_VERIFIED.value(request.pool, user=user_id):
        async with request.transaction() as connection:
            await ask_for_verification(request, connection, user_id)
        request.parts.outbox.wake()
        raise unverified()


async def require_owned(request: ApiRequest) -> None:
    """Raises Problem 403 if the caller has not confirmed their address, although the server sends mail for that."""
    if request.parts.outbox.sends and not await ADDRESS_IS_VERIFIED.value(request.pool, user=request.caller.user_id):
        raise unverified()


def unverified() -> Problem:
    return Problem(
        403, "address_unverified", "Open the link in the mail that was sent to your address, then sign in again."
    )
