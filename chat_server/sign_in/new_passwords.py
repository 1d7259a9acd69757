"""The one place where an account gets a new password: at sign-up, at a change, and by a reset."""

from chat_core.problems import FieldError
from chat_server.http.bodies import invalid
from chat_server.identity.common_passwords import weakness
from chat_server.identity.passwords import Turn


async def hash_new(turn: Turn, field: str, password: str, *own: str | None) -> str:
    """The hash of a new password, whose account has `own` as its address and names. Raises Problem 422 about the field
    if anyone would guess it."""
    expected = weakness(password, own)
    if expected is not None:
        invalid(FieldError(field, expected))
    return await turn.hash(password)
